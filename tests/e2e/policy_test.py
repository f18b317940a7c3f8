"""Policies through the real programs: every kind of gate, a sealed holdout, approval by a person, the
budget, and stored evidence judged again. On glyphs."""
import unittest

from daemon import Daemon

POLICY = """
model: glyphs
input: {{shape: [1, 28, 28], classes: 10}}
sigma: 0.25
bootstrap: {{method: gaussian, epochs: 4, batch: 32}}
transfer: {{epochs: 6, batch: 32}}
certify: {{examples: 300, n0: 20, n: 100, alpha: 0.001, mode: exact}}
promote:
{gates}
holdout: {{candidates: 20, promotions: 3, risk: 0.05, sealed: {sealed}}}
approval: {approval}
"""

GATES = """
  - {clean_accuracy: {at_least: 0.25}}
  - {certified_accuracy: {radius: 0.10, at_least: champion - 0.25}}
  - {per_class_certified_accuracy: {radius: 0.10, at_least: champion - 0.95}}
  - {abstain_rate: {at_most: champion + 0.3}}
  - {pa_quantile: {quantile: 0.8, at_least: 0.5}}
  - {training_cost: {at_most: 3600}}
"""
HARSH = "  - {clean_accuracy: {at_least: 0.97}}\n"
FIGURES = ("observed", "bound", "threshold", "p_value", "count", "examples", "note")


def policy(gates=GATES, sealed="false", approval="automatic"):
    return POLICY.format(gates=gates.strip("\n"), sealed=sealed, approval=approval)


class Policies(unittest.TestCase):
    def begin(self, daemon, text):
        daemon.policy(text)
        daemon.run("data", "add", "glyphs", "--name", "s1", "--format", "glyphs",
                   "--train", "1:1500", "--holdout", "2:400")
        daemon.run("register", "glyphs", "--name", "first", "--arch", "lenet")

    def code(self, daemon, *arguments):
        return daemon.run(*arguments, check=False).returncode

    def test_every_gate_is_judged_explained_and_judged_again(self):
        with Daemon() as daemon:
            self.begin(daemon, policy())
            self.assertEqual(daemon.finished("glyphs", "g1")["verdict"], "promoted")
            daemon.run("register", "glyphs", "--name", "second", "--arch", "lenet")
            second = daemon.finished("glyphs", "g2")
            self.assertEqual(second["verdict"], "promoted", second["reason"])
            self.assertTrue(all(gate["applicable"] and gate["pass"] for gate in second["gates"]))
            self.assertEqual(second["gates"][5]["observed"], second["training"]["seconds"])
            daemon.run("verify", "glyphs", "g2")

            harsh = daemon.folder / "harsh.yaml"
            harsh.write_text(policy(HARSH, approval="manual"))
            before = daemon.query("SELECT count(*) FROM events")
            again = daemon.json("policy", "apply", harsh, "--dry-run")["generations"]
            self.assertEqual([(one["stored_verdict"], one["verdict"]) for one in again],
                             [("promoted", "rejected")] * 2)
            self.assertEqual(daemon.query("SELECT count(*) FROM events"), before)
            harsh.write_text(policy(approval="manual"))
            again = daemon.json("policy", "apply", harsh, "--dry-run")["generations"]
            self.assertEqual([one["verdict"] for one in again], ["held", "held"])

            daemon.policy(policy(HARSH))
            daemon.run("register", "glyphs", "--name", "third", "--arch", "lenet")
            third = daemon.finished("glyphs", "g3")
            self.assertEqual(third["verdict"], "rejected")
            why = daemon.run("policy", "explain", "glyphs", "g3", check=False)
            self.assertEqual(why.returncode, 3)
            self.assertIn("missed by", why.stdout)
            changes = daemon.json("policy", "diff", "glyphs")["changes"]
            self.assertIn({"key": "promote {clean_accuracy: {at_least: 0.97}}", "from": "",
                           "to": "yes"}, changes)
            self.assertEqual(len(changes), 7)
            self.assertEqual(daemon.run("policy", "show", "glyphs", "--version", "1").stdout, policy())
            self.assertEqual(self.code(daemon, "policy", "show", "glyphs", "--version", "9"), 5)
            self.assertEqual(self.code(daemon, "holdout", "budget", "glyphs", "--unseal",
                                       "--reason", "nothing is sealed"), 7)
            daemon.audit()

    def test_a_sealed_holdout_says_who_passed_and_nothing_else(self):
        with Daemon() as daemon:
            self.begin(daemon, policy(sealed="true", approval="manual"))
            first = daemon.finished("glyphs", "g1")
            self.assertEqual(first["verdict"], "held", first["reason"])
            self.assertIn("leaves the promotion to a person", first["reason"])
            self.assertTrue(first["sealed"])
            for gate in first["gates"]:
                self.assertTrue(all(gate[figure] is None for figure in FIGURES), gate)
            self.assertTrue(first["gates"][0]["pass"])
            self.assertIsNone(first["metrics"])
            self.assertIsNone(first["samples"])
            self.assertEqual(self.code(daemon, "verify", "glyphs", "g1"), 7)
            self.assertEqual(self.code(daemon, "export", "glyphs", "g1", "--out",
                                       daemon.folder / "evidence"), 7)
            daemon.run("approve", "glyphs", "g1", "--reason", "reviewed")
            points = daemon.json("history", "glyphs", "--metric", "acr")["points"]
            self.assertEqual([point["value"] for point in points], [None])
            champion = daemon.state / "models" / "glyphs" / "champion"
            self.assertFalse((champion / "certificate.tsv").exists())
            self.assertIn('"metrics": null', (champion / "certificate.json").read_text())
            # A later policy does not open what the first one sealed.
            daemon.policy(policy(HARSH))
            daemon.run("register", "glyphs", "--name", "second", "--arch", "lenet")
            second = daemon.finished("glyphs", "g2")
            self.assertEqual((second["verdict"], second["sealed"]), ("rejected", True))
            self.assertEqual(second["reason"], "rejected: clean_accuracy at least 0.97 did not pass; "
                             "its figures are sealed")
            harsh = daemon.folder / "again.yaml"
            harsh.write_text(policy())
            for one in daemon.json("policy", "apply", harsh, "--dry-run")["generations"]:
                self.assertNotIn("verdict", one)
            log = daemon.run("audit", "log", "-o", "json").stdout
            for payload in daemon.query("SELECT payload FROM events WHERE kind LIKE '%stored'"):
                self.assertNotRegex(payload[0], r"[0-9]\.[0-9]")
            self.assertNotIn('"acr": 0', log)

            self.assertEqual(self.code(daemon, "holdout", "budget", "glyphs", "--unseal"), 2)
            budget = daemon.json("holdout", "budget", "glyphs", "--unseal", "--reason", "review")
            self.assertEqual((budget["sealed"], budget["unsealed"]["reason"]), (False, "review"))
            self.assertEqual((budget["candidates_used"], budget["promotions_used"]), (2, 1))
            self.assertEqual(self.code(daemon, "holdout", "budget", "glyphs", "--unseal",
                                       "--reason", "twice"), 7)
            opened = daemon.generation("glyphs", "g1")
            self.assertFalse(opened["sealed"])
            self.assertGreater(opened["metrics"]["acr"], 0)
            self.assertTrue(all(gate["count"] is not None for gate in opened["gates"]))
            self.assertTrue((champion / "certificate.tsv").exists())
            for label in ("g1", "g2"):
                daemon.run("verify", "glyphs", label)
            daemon.audit()

    def test_a_sealed_holdout_that_was_replaced_is_open_and_does_not_come_back(self):
        with Daemon() as daemon:
            self.begin(daemon, policy(sealed="true"))
            self.assertTrue(daemon.finished("glyphs", "g1")["sealed"])
            add = ["data", "add", "glyphs", "--format", "glyphs", "--train", "1:1500"]
            daemon.run(*add, "--name", "s2", "--holdout", "77:400")
            self.assertFalse(daemon.generation("glyphs", "g1")["sealed"])
            again = daemon.run(*add, "--name", "s3", "--holdout", "2:400", check=False)
            self.assertNotEqual(again.returncode, 0)
            self.assertIn("was sealed, and its figures opened", again.stderr + again.stdout)
            daemon.run(*add, "--name", "s4", "--holdout", "78:400")
            daemon.audit()

    def test_a_holdout_that_is_used_up_promotes_nothing_and_opens_by_itself(self):
        with Daemon() as daemon:
            self.begin(daemon, policy(GATES.split("\n")[1], sealed="true")
                       .replace("candidates: 20, promotions: 3", "candidates: 1, promotions: 0"))
            first = daemon.finished("glyphs", "g1")
            self.assertEqual(first["verdict"], "promoted", first["reason"])
            self.assertFalse(first["sealed"])
            self.assertIsNotNone(first["metrics"])
            budget = daemon.json("holdout", "budget", "glyphs")
            self.assertEqual((budget["live"], budget["next_level"]), (False, 0))
            self.assertEqual({gate["passes"] for gate in budget["gates"]}, {"never"})
            daemon.run("register", "glyphs", "--name", "second", "--arch", "lenet")
            second = daemon.finished("glyphs", "g2")
            self.assertEqual(second["verdict"], "error", second["reason"])
            # Another holdout, which shares no example, begins afresh.
            daemon.run("data", "add", "glyphs", "--name", "s2", "--format", "glyphs",
                       "--train", "1:1500", "--holdout", "77:400")
            daemon.run("register", "glyphs", "--name", "third", "--arch", "lenet")
            third = daemon.finished("glyphs", "g3")
            self.assertEqual(third["verdict"], "promoted", third["reason"])
            budget = daemon.json("holdout", "budget", "glyphs")
            self.assertEqual(len(budget["earlier"]), 1)


if __name__ == "__main__":
    unittest.main()
