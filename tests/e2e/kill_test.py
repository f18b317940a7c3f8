"""kill -9 of heirloomd and of the worker, in training and in certification, changes no result.

Two daemons go on from copies of one state folder (so the holdout's secret key is the same): one is
left alone, the other is killed again and again. Artifact, counts and gates must be equal.
"""
import os
import signal
import unittest

from daemon import Daemon, wait_for

POLICY = """
model: glyphs
input: {shape: [1, 28, 28], classes: 10}
sigma: 0.25
bootstrap: {method: smoothmix, epochs: 3, batch: 64, draws: 2, steps: 2, warmup_epochs: 1}
transfer: {epochs: 12, batch: 64}
certify: {examples: 300, n0: 50, n: 1500, alpha: 0.001, mode: exact}
promote:
  - {clean_accuracy: {at_least: 0.2}}
"""

EVIDENCE = """
SELECT hex(g.model_sha256), hex(g.classifier_id), hex(c.counts), c.examples, v.verdict
FROM generations g JOIN verdicts v ON v.generation_id = g.id
JOIN certificates c ON c.id = v.certificate_id ORDER BY g.id
"""
EXAMPLES = "SELECT idx, label, predicted, n_a, p_lower, radius FROM certified_examples "\
    "ORDER BY certificate_id, idx"
GATES = "SELECT threshold_id, pass, observed, bound, required, p_value, count FROM gates ORDER BY id"


class Kills(unittest.TestCase):
    def prepare(self):
        daemon = Daemon()
        self.addCleanup(daemon.remove)
        daemon.start()
        daemon.policy(POLICY)
        daemon.run("data", "add", "glyphs", "--name", "s1", "--format", "glyphs",
                   "--train", "1:2500", "--holdout", "2:400")
        daemon.stop()
        return daemon

    def running(self, daemon, state, beyond):
        """Waits until the job in `state` has a checkpoint behind it and is past `beyond`."""
        def there():
            run = daemon.progress("glyphs")
            return run.get("state") == state and (run.get("position") or 0) > beyond and run
        return wait_for(f"{state} to be under way", there)

    def checkpoint(self, daemon):
        """Waits until the running job has left something to go on from."""
        return wait_for("a checkpoint", lambda: any(
            path.stat().st_size > 0 for path in daemon.state.glob("jobs/*/checkpoints/*")
            if not path.name.startswith(".")))

    def kill_daemon(self, daemon):
        daemon.kill()
        wait_for("workers to die with their daemon", lambda: not daemon.workers(), 30)
        daemon.start()

    def kill_worker(self, daemon):
        workers = daemon.workers()
        self.assertEqual(len(workers), 1)
        os.kill(workers[0], signal.SIGKILL)
        wait_for("another worker", lambda: daemon.workers() not in ([], workers))

    def disturb(self, daemon, state):
        self.running(daemon, state, 0)
        self.checkpoint(daemon)
        self.kill_daemon(daemon)
        resumed = self.running(daemon, state, 0)
        self.assertGreater(resumed["started_from"], 0, f"{state} began again from nothing")
        self.kill_worker(daemon)
        resumed = self.running(daemon, state, resumed["started_from"])
        self.assertGreater(resumed["started_from"], 0)

    def test_kills_in_training_and_certification_change_nothing(self):
        prepared = self.prepare()
        with Daemon(copy_of=prepared) as calm, Daemon(copy_of=prepared) as disturbed:
            for daemon in (disturbed, calm):
                daemon.run("register", "glyphs", "--name", "lenet", "--arch", "lenet")
                if daemon is disturbed:
                    self.disturb(daemon, "training")
                    self.disturb(daemon, "certifying")
                self.assertEqual(daemon.finished("glyphs", "g1")["verdict"], "promoted")
                daemon.run("register", "glyphs", "--name", "resnet8", "--arch", "resnet",
                           "--set", "depth=8")
                if daemon is disturbed:
                    self.disturb(daemon, "training")
                self.assertEqual(daemon.finished("glyphs", "g2")["kind"], "transfer")
            self.assertEqual(calm.query(EVIDENCE), disturbed.query(EVIDENCE))
            self.assertEqual(calm.query(EXAMPLES), disturbed.query(EXAMPLES))
            self.assertEqual(calm.query(GATES), disturbed.query(GATES))
            self.assertEqual(disturbed.query("SELECT count(*) FROM verdicts"), [(2,)])
            self.assertEqual(disturbed.query("SELECT count(*) FROM commitments"), [(2,)])
            started = disturbed.query("SELECT j.kind, a.started_from FROM attempts a "
                                      "JOIN jobs j ON j.id = a.job_id ORDER BY a.id")
            for kind in ("train", "transfer", "certify"):
                self.assertTrue(any(k == kind and (s or 0) > 0 for k, s in started), started)
            disturbed.audit()
            disturbed.stop()
            self.assertEqual(disturbed.workers(), [])


if __name__ == "__main__":
    unittest.main()
