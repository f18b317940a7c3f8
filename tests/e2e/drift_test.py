"""Drift through the real programs: a snapshot like the champion's data, one that is not, and what
comes of it. On bars that this file draws as IDX files."""
import random
import struct
import unittest

from daemon import CommandFailed, Daemon, wait_for

POLICY = """
model: bars
input: {shape: [1, 28, 28], classes: 10}
sigma: 0.25
bootstrap: {method: gaussian, epochs: 3, batch: 32}
transfer: {epochs: 4, batch: 32}
certify: {examples: 300, n0: 20, n: 100, alpha: 0.001, mode: exact}
promote:
  - {clean_accuracy: {at_least: 0.5}}
  - {certified_accuracy: {radius: 0.10, at_least: champion - 0.30}}
holdout: {candidates: 20, promotions: 3, risk: 0.05}
drift: {every: 1s, cool_down: 1s, false_alarms_per_year: 1000, batch: 40, n: 60,
        tests: [bbsd_ks, mmd, certified_coverage, certified_accuracy]}
"""


def draw(folder, name, seed, count, bright=220, noise=40):
    """`count` images: class k is a bright bar in row 2k + 4, over noise."""
    chance = random.Random(seed)
    images = bytearray(struct.pack(">IIII", 0x803, count, 28, 28))
    labels = bytearray(struct.pack(">II", 0x801, count))
    for number in range(count):
        label = number % 10
        labels.append(label)
        at = 2 * label + 4 + chance.randrange(2)
        left = chance.randrange(6)
        for row in range(28):
            for column in range(28):
                bar = row in (at, at + 1) and left <= column < left + 20
                images.append(min(255, (bright if bar else 0) + chance.randrange(noise)))
    files = [folder / f"{name}-images.idx", folder / f"{name}-labels.idx"]
    for path, content in zip(files, (images, labels)):
        path.write_bytes(content)
    return files


class Drift(unittest.TestCase):
    def add(self, daemon, name, seed, holdout=None, **change):
        train = draw(daemon.folder, name, seed, 800, **change)
        arguments = ["--name", name, "--format", "idx", "--train", *train]
        if holdout is not None:
            arguments += ["--holdout", *draw(daemon.folder, name + "h", holdout, 1200, **change)]
        daemon.run("data", "add", "bars", *arguments)

    def outcome_of(self, daemon, snapshot):
        def report():
            try:
                shown = daemon.json("drift", "show", "bars")
            except CommandFailed as failure:
                self.assertEqual(failure.code, 5)  # none was planned yet
                return None
            return shown if shown["snapshot"] == snapshot and shown["state"] != "planned" else None
        return wait_for(f"{snapshot} to be tested", report)

    def test_new_data_are_tested_and_drifted_ones_are_trained_on(self):
        with Daemon() as daemon:
            daemon.policy(POLICY)
            self.add(daemon, "s1", 1, holdout=2)
            daemon.run("register", "bars", "--name", "first", "--arch", "lenet")
            self.assertEqual(daemon.finished("bars", "g1")["verdict"], "promoted")
            self.assertEqual(daemon.run("drift", "show", "bars", check=False).returncode, 5)
            self.assertEqual(daemon.run("drift", "acknowledge", "bars", "--reason", "x",
                                        check=False).returncode, 5)

            self.add(daemon, "s2", 3)
            same = self.outcome_of(daemon, "s2")
            self.assertEqual((same["band"], same["alarm"]), ("none", False), same)
            self.assertEqual(same["batch"]["examples"], 40)
            self.assertEqual(same["reference"]["examples"], 1200)
            self.assertEqual(daemon.json("generation", "list", "bars")[-1]["id"], "g1")

            self.add(daemon, "s3", 4, holdout=5, bright=60, noise=120)
            changed = self.outcome_of(daemon, "s3")
            self.assertEqual((changed["band"], changed["alarm"]), ("drift", True), changed)
            self.assertEqual(changed["samples"], 40 * (64 + 60))  # the reference is known by now
            second = daemon.finished("bars", "g2")
            self.assertEqual(second["kind"], "transfer")
            self.assertEqual((second["teacher"], second["version"], second["snapshot"]),
                             ("g1", "first", "s3"))
            self.look(daemon)
            daemon.audit()

    def look(self, daemon):
        self.assertIn("s3: drift", daemon.run("status", "bars").stdout)
        # It stands until the champion is one that knows the new data.
        standing = daemon.json("champion", "bars")["generation"] == "g1"
        self.assertEqual("an alarm stands" in daemon.run("status", "bars").stdout, standing)
        self.assertIn("alarm", daemon.run("drift", "list", "bars").stdout)
        self.assertIn("bbsd_ks", daemon.run("drift", "show", "bars").stdout)
        kinds = [row[0] for row in daemon.query("SELECT kind FROM events")]
        self.assertEqual(kinds.count("drift.planned"), 2)
        self.assertEqual(kinds.count("drift.tested"), 2)


if __name__ == "__main__":
    unittest.main()
