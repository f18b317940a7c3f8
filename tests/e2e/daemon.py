"""Runs the real heirloomd, heirloom and heirloom-worker in a folder of their own.

Every wait is for an event (the API's answer, a process's end) with a deadline that only a hang can
reach; nothing is judged by how long it took.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

BIN = pathlib.Path(os.environ["HEIRLOOM_BIN"])
HANG = 600  # seconds


class CommandFailed(Exception):
    def __init__(self, arguments, done):
        super().__init__(f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        self.code = done.returncode
        self.stderr = done.stderr


def wait_for(what, condition, deadline=HANG):
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {deadline} s for {what}")


class Daemon:
    """heirloomd on a state folder. Use as a context manager; the folder goes with it."""

    def __init__(self, copy_of=None, settings=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="heirloom-e2e-"))
        self.state = self.folder / "state"
        if copy_of is not None:
            shutil.copytree(copy_of.state, self.state, symlinks=True,
                            ignore=shutil.ignore_patterns("*.sock"))
        self.process = None
        self.options = []
        if settings is not None:
            (self.folder / "settings.yaml").write_text(settings)
            self.options = ["--config", self.folder / "settings.yaml"]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            sys.stderr.write((self.folder / "log").read_text()[-4000:])
        self.remove()

    def remove(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([BIN / "heirloomd", "--state", self.state, *self.options],
                                            stdout=log, stderr=log)
        wait_for("the daemon to answer", self.answers)

    def answers(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        return self.run("status", check=False).returncode == 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(HANG) == 0

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def workers(self):
        """Pids of workers on jobs of this state folder."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes().decode().split("\0")
                except OSError:
                    continue
                if words[0].endswith("heirloom-worker") and words[1].startswith(str(self.state)):
                    found.append(int(entry.name))
        return found

    def run(self, *arguments, check=True):
        environment = dict(os.environ, HEIRLOOM_SOCKET=str(self.state / "heirloom.sock"))
        done = subprocess.run([BIN / "heirloom", *map(str, arguments)], env=environment,
                              capture_output=True, text=True, timeout=HANG, check=False)
        if check and done.returncode != 0:
            raise CommandFailed(arguments, done)
        return done

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "-o", "json").stdout)

    def text(self, target):
        """A GET that is answered in plain text."""
        with socket.socket(socket.AF_UNIX) as stream:
            stream.settimeout(HANG)
            stream.connect(str(self.state / "heirloom.sock"))
            stream.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                           .encode())
            answer = b"".join(iter(lambda: stream.recv(65536), b""))
        head, body = answer.decode().split("\r\n\r\n", 1)
        assert " 200 " in head.splitlines()[0], head
        return body

    def metric(self, name):
        """The value of one series; None when there is no such series."""
        for line in self.text("/metrics").splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        return None

    def policy(self, text):
        path = self.folder / "policy.yaml"
        path.write_text(text)
        applied = self.json("policy", "apply", path)
        path.unlink()  # the judge reads rows, not this file
        return applied

    def generation(self, model, label):
        return self.json("generation", "show", model, label)

    def finished(self, model, label):
        """The generation once it has a verdict."""
        def over():
            try:
                view = self.generation(model, label)
            except CommandFailed as failure:  # not queued yet
                assert failure.code == 5, failure
                return None
            return view if view["verdict"] is not None else None
        return wait_for(f"{model} {label} to finish", over)

    def progress(self, model):
        """What runs, or an empty dictionary."""
        return self.json("status", model)["models"][0]["running"] or {}

    def query(self, sql):
        with sqlite3.connect(f"file:{self.state / 'registry.db'}?mode=ro", uri=True) as connection:
            return connection.execute(sql).fetchall()

    def audit(self):
        report = self.json("audit", "verify")
        assert report["ok"], report
        return report
