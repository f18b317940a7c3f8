"""What heirloomd tells the service manager, by a socket in systemd's place."""
import os
import signal
import socket
import tempfile
import unittest

from daemon import HANG, Daemon


class Manager:
    def __init__(self, folder):
        self.path = os.path.join(folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)

    def wait_for(self, line, deadline=HANG):
        """The messages up to the one that has `line`; TimeoutError when none comes."""
        self.socket.settimeout(deadline)
        seen = []
        while True:
            seen.append(self.socket.recv(4096).decode().split("\n"))
            if line in seen[-1]:
                return seen

    def drain(self):
        self.socket.setblocking(False)
        try:
            while True:
                self.socket.recv(4096)
        except BlockingIOError:
            pass


class Notify(unittest.TestCase):
    def test_a_life_under_a_service_manager(self):
        with tempfile.TemporaryDirectory() as folder:
            manager = Manager(folder)
            os.environ.update(NOTIFY_SOCKET=manager.path, WATCHDOG_USEC="400000")
            try:
                with Daemon() as daemon:
                    self.live(daemon, manager)
            finally:
                del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
                manager.socket.close()

    def live(self, daemon, manager):
        self.assertEqual(len(manager.wait_for("READY=1")), 1)  # the first word
        manager.wait_for("WATCHDOG=1")
        manager.wait_for("WATCHDOG=1")

        daemon.process.send_signal(signal.SIGHUP)
        reloading = manager.wait_for("RELOADING=1")[-1]
        self.assertTrue(any(line.startswith("MONOTONIC_USEC=") for line in reloading))
        manager.wait_for("READY=1")

        # A process that hangs gives no sign of life, and goes on when it can.
        daemon.process.send_signal(signal.SIGSTOP)
        manager.drain()
        with self.assertRaises(TimeoutError):
            manager.wait_for("WATCHDOG=1", deadline=1.5)
        daemon.process.send_signal(signal.SIGCONT)
        manager.wait_for("WATCHDOG=1")

        daemon.process.send_signal(signal.SIGTERM)
        manager.wait_for("STOPPING=1")
        self.assertEqual(daemon.process.wait(HANG), 0)


if __name__ == "__main__":
    unittest.main()
