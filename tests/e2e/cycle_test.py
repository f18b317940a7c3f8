"""One whole cycle through the real programs, on glyphs: bootstrap, transfer, rejection, inbox."""
import os
import subprocess
import unittest

from daemon import BIN, HANG, Daemon, wait_for

POLICY = """
model: glyphs
input: {shape: [1, 28, 28], classes: 10}
sigma: 0.25
bootstrap: {method: gaussian, epochs: 4, batch: 32}
transfer: {epochs: 8, batch: 32}
certify: {examples: 300, n0: 20, n: 100, alpha: 0.001, mode: exact}
promote:
  - {clean_accuracy: {at_least: 0.25}}
  - {certified_accuracy: {radius: 0.10, at_least: champion - 0.25}}
"""


class Cycle(unittest.TestCase):
    def test_bootstrap_transfer_rejection_and_the_inbox(self):
        with Daemon() as daemon:
            daemon.policy(POLICY)
            daemon.run("data", "add", "glyphs", "--name", "s1", "--format", "glyphs",
                       "--train", "1:1500", "--holdout", "2:400")
            daemon.run("register", "glyphs", "--name", "lenet", "--arch", "lenet")
            first = daemon.finished("glyphs", "g1")
            self.assertEqual((first["kind"], first["verdict"]), ("bootstrap", "promoted"),
                             first["reason"])
            self.assertEqual(len(first["gates"]), 2)
            self.assertFalse(first["gates"][1]["applicable"])

            inbox = daemon.state / "inbox"
            (inbox / ".part").write_text("kind: version\nmodel: glyphs\nname: second\narch: lenet\n")
            os.rename(inbox / ".part", inbox / "second.yaml")
            second = daemon.finished("glyphs", "g2")
            self.assertEqual((second["kind"], second["teacher"]), ("transfer", "g1"))
            self.assertEqual(second["verdict"], "promoted", second["reason"])
            self.assertTrue((inbox / "accepted" / "second.yaml").exists())

            daemon.run("register", "glyphs", "--name", "weak", "--arch", "linear")
            third = daemon.finished("glyphs", "g3")
            self.assertEqual(third["verdict"], "rejected", third["reason"])

            self.assertEqual(daemon.json("champion", "glyphs")["generation"], "g2")
            model = daemon.state / "models" / "glyphs" / "champion" / "model.pt"
            self.assertGreater(model.stat().st_size, 100_000)
            edges = daemon.json("lineage", "glyphs")["edges"]
            self.assertIn({"from": "g1", "to": "g2", "kind": "teacher"}, edges)
            points = daemon.json("history", "glyphs", "--metric", "acr")["points"]
            self.assertEqual([point["generation"] for point in points], ["g1", "g2", "g3"])
            daemon.audit()
            self.assertEqual(daemon.query("SELECT count(*) FROM verdicts"), [(3,)])
            self.evidence(daemon)
            self.rollback(daemon)

    def evidence(self, daemon):
        """Every verdict follows from its counts, which the same noise gives again."""
        for label in ("g1", "g2", "g3"):
            self.assertTrue(daemon.json("verify", "glyphs", label)["ok"])
        again = daemon.json("verify", "glyphs", "g2", "--full")
        self.assertTrue(again["ok"], again)
        bundle = daemon.state / "evidence"
        daemon.run("export", "glyphs", "g2", "--out", str(bundle))
        offline = daemon.json("verify", str(bundle))
        self.assertIn("model.pt is the artifact that was certified", offline["checks"])
        counts = next((bundle / "artifacts").iterdir())
        counts.write_text(counts.read_text().replace("0", "1", 1))
        self.assertEqual(daemon.run("verify", str(bundle), check=False).returncode, 1)

    def rollback(self, daemon):
        since = daemon.json("champion", "glyphs")["since"]
        now = daemon.json("rollback", "glyphs", "g1", "--reason", "the test says so")
        self.assertEqual((now["generation"], now["act"]), ("g1", "rollback"))
        link = daemon.state / "models" / "glyphs" / "champion"
        wait_for("the link to follow", lambda: os.readlink(link) == "g1")
        then = daemon.json("champion", "glyphs", "--at", since)
        self.assertEqual((then["generation"], then["act"]), ("g2", "verdict"))
        back = daemon.run("rollback", "glyphs", "g2", "--reason", "it was barred", check=False)
        self.assertEqual(back.returncode, 7, back.stderr)
        daemon.audit()

    def test_bad_requests_change_nothing_and_say_why(self):
        with Daemon() as daemon:
            daemon.policy(POLICY)
            cases = [
                (("register", "glyfs", "--name", "v", "--arch", "lenet"), 5, "glyphs"),
                (("register", "glyphs", "--name", "v", "--arch", "lenett"), 1, "lenet"),
                (("register", "glyphs", "--name", "../v", "--arch", "lenet"), 2, "name"),
                (("data", "add", "glyphs", "--name", "s", "--format", "glyphs", "--train", "1:100",
                  "--holdout", "1:50"), 1, "holdout"),
                (("data", "add", "glyphs", "--name", "s", "--format", "idx", "--train",
                  "/nowhere/images", "/nowhere/labels", "--holdout", "/nowhere/x", "/nowhere/y"),
                 1, "/nowhere/images"),
                (("generation", "show", "glyphs", "g9"), 5, "g9"),
                (("champion", "glyphs"), 5, "champion"),
            ]
            for arguments, code, words in cases:
                with self.subTest(arguments=arguments):
                    done = daemon.run(*arguments, check=False)
                    self.assertEqual(done.returncode, code, done.stderr)
                    self.assertIn(words, done.stderr)
            self.assertEqual(daemon.query("SELECT count(*) FROM snapshots"), [(0,)])
            self.assertEqual(daemon.query("SELECT count(*) FROM versions"), [(0,)])
            daemon.audit()

    def test_a_second_daemon_on_the_same_folder_gives_way(self):
        with Daemon() as daemon:
            second = subprocess.run([BIN / "heirloomd", "--state", daemon.state],
                                    capture_output=True, text=True, timeout=HANG, check=False)
            self.assertEqual(second.returncode, 1)
            self.assertIn(f"process {daemon.process.pid}", second.stderr)
            wait_for("the first to go on answering", daemon.answers)


if __name__ == "__main__":
    unittest.main()
