"""An operator's acts through the real programs: settings that are read again, by request and by
SIGHUP, and a pause that outlives the daemon."""
import pathlib
import signal
import unittest

from daemon import Daemon, wait_for

POLICY = """
model: glyphs
input: {shape: [1, 28, 28], classes: 10}
sigma: 0.25
bootstrap: {method: gaussian, epochs: 1, batch: 32}
transfer: {epochs: 1, batch: 32}
certify: {examples: 100, n0: 10, n: 50, alpha: 0.001, mode: exact}
promote:
  - {clean_accuracy: {at_least: 0.01}}
holdout: {candidates: 20, promotions: 3, risk: 0.5}
"""


class Control(unittest.TestCase):
    def test_settings_are_read_again_and_bad_ones_change_nothing(self):
        with Daemon(settings="max_jobs: 1\n") as daemon:
            config = daemon.folder / "settings.yaml"
            daemon.run("reload")
            config.write_text("max_jobs: 0\n")
            refused = daemon.run("reload", check=False)
            self.assertEqual(refused.returncode, 2, refused.stderr)
            self.assertIn("settings.yaml:1:11", refused.stderr)
            self.assertIn("max_jobs", refused.stderr)
            config.write_text("signing_key: /nowhere/key.pem\n")
            self.assertIn("/nowhere/key.pem", daemon.run("reload", check=False).stderr)
            log = daemon.folder / "log"
            before = log.read_text().count("were not reloaded")
            daemon.process.send_signal(signal.SIGHUP)
            wait_for("the refusal", lambda: log.read_text().count("were not reloaded") > before)
            config.write_text("max_jobs: 2\n")
            daemon.process.send_signal(signal.SIGHUP)
            wait_for("the reload", lambda: log.read_text().count("settings were reloaded") == 2)
            self.assertTrue(daemon.answers())
            self.assertEqual(daemon.metric("heirloom_config_last_reload_successful"), 1)
            config.write_text("max_jobs: many\n")
            daemon.run("reload", check=False)
            self.assertEqual(daemon.metric("heirloom_config_last_reload_successful"), 0)
            self.assertGreater(daemon.metric('heirloom_http_requests_total{code="200"}'), 1)

    def test_a_pause_outlives_the_daemon(self):
        with Daemon() as daemon:
            daemon.policy(POLICY)
            daemon.run("pause", "--reason", "moving disks")
            self.assertEqual(daemon.run("pause", "--reason", "again", check=False).returncode, 7)
            daemon.run("data", "add", "glyphs", "--name", "s1", "--format", "glyphs",
                       "--train", "1:200", "--holdout", "2:200", "--no-wait")
            daemon.run("register", "glyphs", "--name", "v1", "--arch", "linear", "--no-wait")
            daemon.kill()
            daemon.start()
            status = daemon.json("status")
            self.assertEqual(status["paused"]["reason"], "moving disks")
            self.assertEqual(daemon.query("SELECT count(*) FROM attempts"), [(0,)])
            self.assertIn("moving disks", daemon.run("status").stdout)
            daemon.run("resume")
            self.assertEqual(daemon.finished("glyphs", "g1")["verdict"], "promoted")
            self.assertEqual(daemon.run("resume", check=False).returncode, 7)
            self.assertEqual(daemon.metric('heirloom_champion_generation{model="glyphs"}'), 1)
            self.assertEqual(daemon.metric('heirloom_generations_ended_total{state="promoted"}'), 1)
            self.assertEqual(daemon.metric(
                'heirloom_attempts_total{kind="certify",result="done"}'), 1)
            self.assertEqual(daemon.metric('heirloom_holdout_candidates_left{model="glyphs"}'), 19)
            daemon.audit()
            page = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "metrics.md").read_text()
            series = [line.split()[2] for line in daemon.text("/metrics").splitlines()
                      if line.startswith("# TYPE ")]
            self.assertEqual([name for name in series if f"`{name}" not in page], [])
            self.assertGreater(len(series), 14)


if __name__ == "__main__":
    unittest.main()
