"""Workers in their sandbox, through the real programs: what status shows of it, a module that asks for
files, and a worker that runs out of memory. On glyphs."""
import pathlib
import subprocess
import sys
import unittest

from daemon import CommandFailed, Daemon

POLICY = """
model: glyphs
input: {shape: [1, 28, 28], classes: 10}
sigma: 0.25
bootstrap: {method: gaussian, epochs: 1}
transfer: {epochs: 1}
certify: {examples: 300, n0: 20, n: 100, alpha: 0.001, mode: exact}
promote:
  - {clean_accuracy: {at_least: 0.2}}
holdout: {candidates: 20, promotions: 3, risk: 0.05}
"""
SETTINGS = """
sandbox: required
limits: {memory_mib: 700}
max_attempts: 2
retry_delay: 0s
"""
MODULES = pathlib.Path(__file__).parent.parent / "worker" / "hostile_modules.py"


class Sandbox(unittest.TestCase):
    def refusal(self, daemon, *arguments):
        with self.assertRaises(CommandFailed) as caught:
            daemon.run("register", "glyphs", *arguments)
        return caught.exception.stderr

    def test_a_worker_that_fails_in_it_costs_an_attempt(self):
        with Daemon(settings=SETTINGS) as daemon:
            sandbox = daemon.json("status")["sandbox"]
            if sandbox["missing"]:
                self.skipTest(f"this machine lacks {sandbox['missing']}")
            self.assertEqual(sandbox["mode"], "required")
            self.assertIn("sandbox of workers", (daemon.folder / "log").read_text())
            daemon.policy(POLICY)

            epoch = daemon.json("status")["epoch"]
            words = self.refusal(daemon, "--name", "huge", "--arch", "mlp", "--set", "depth=2",
                                 "--set", "width=16384")
            self.assertIn("can't allocate memory", words)
            self.hostile_module(daemon)
            # The same daemon goes on, and what fits is done.
            daemon.run("register", "glyphs", "--name", "small", "--arch", "linear")
            self.assertEqual(daemon.json("status")["epoch"], epoch)

    def hostile_module(self, daemon):
        registry = daemon.state / "registry.db"
        made = subprocess.run(["/usr/bin/python3", MODULES, daemon.folder, daemon.state / "written",
                               f"registry={registry}"], check=False)
        if made.returncode == 77:
            print("without PyTorch for Python no hostile module", file=sys.stderr)
            return
        words = self.refusal(daemon, "--name", "spy", "--torchscript", daemon.folder / "registry.pt")
        self.assertIn("torch.from_file", words)
        self.refusal(daemon, "--name", "vandal", "--torchscript", daemon.folder / "write.pt")
        self.assertFalse((daemon.state / "written").exists())


if __name__ == "__main__":
    unittest.main()
