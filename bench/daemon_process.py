"""heirloomd as the benchmarks run it: started on a folder, asked over its socket, stopped."""
import http.client
import json
import signal
import socket
import subprocess
import sys
import time

from rows import BIN


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Daemon:
    """`state` is a folder whose path is short enough for a socket; `settings` is YAML."""

    def __init__(self, state, settings="worker: /bin/true\n"):
        self.state = state
        self.log = open(state / "daemon.log", "wb")
        config = state / "bench.yaml"
        config.write_text(settings)
        started = time.monotonic()
        self.process = subprocess.Popen([BIN / "heirloomd", "--state", state, "--config", config],
                                        stdout=self.log, stderr=self.log)
        while not (state / "heirloom.sock").exists() or not self.answers():
            if self.process.poll() is not None or time.monotonic() - started > 120:
                sys.exit((state / "daemon.log").read_text())
            time.sleep(0.001)
        self.start_seconds = time.monotonic() - started

    def answers(self):
        try:
            return self.get("/-/healthy")[0] == 200
        except OSError:
            return False

    def ask(self, method, target, body=None):
        connection = Connection(self.state / "heirloom.sock")
        connection.request(method, target, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def get(self, target):
        return self.ask("GET", target)

    def audited(self):
        """Waits until the daemon's own audit has ended."""
        while json.loads(self.get("/v1/audit/verify")[1])["state"] == "running":
            time.sleep(0.5)
        return json.loads(self.get("/v1/audit/verify")[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def p99(times):
    """Of seconds: the 99th percentile and the median, in milliseconds."""
    times = sorted(times)
    return times[int(len(times) * 0.99) - 1] * 1000, times[len(times) // 2] * 1000
