"""The whole cycle on MNIST in gate mode: 1,000 holdout images, and a student within 2 points of its teacher."""
import gzip
import os
import pathlib
import struct
import unittest

from daemon import Daemon

MNIST = pathlib.Path(os.environ["HEIRLOOM_SHARED"]) / "data" / "mnist"
TRAIN, HOLDOUT = 6000, 1000

POLICY = """
model: digits
input: {shape: [1, 28, 28], classes: 10}
sigma: 0.5
bootstrap: {method: gaussian, epochs: 6, batch: 64}
transfer: {epochs: 8, batch: 64}
certify: {examples: 1000, n: 10000, alpha: 0.001, mode: gate, precision: bf16}
promote:
  - {clean_accuracy: {at_least: 0.90}}
  - {certified_accuracy: {radius: 0.50, at_least: 0.80}}
  - {certified_accuracy: {radius: 0.50, at_least: champion - 0.05}}
"""


def cut(source, target, count, header):
    """The first `count` examples of an IDX file, as a new IDX file."""
    with gzip.open(source) as file:
        magic, total, *shape = struct.unpack(f">{header}I", file.read(4 * header))
        assert total >= count
        size = count * (shape[0] * shape[1] if shape else 1)
        body = file.read(size)
    whole = struct.pack(f">{header}I", magic, count, *shape) + body
    target.write_bytes(gzip.compress(whole) if target.suffix == ".gz" else whole)
    return target


class Mnist(unittest.TestCase):
    def add_data(self, daemon):
        part = daemon.folder
        daemon.run("data", "add", "digits", "--name", "mnist", "--format", "idx", "--train",
                   cut(MNIST / "train-images-idx3-ubyte.gz", part / "train-images.gz", TRAIN, 4),
                   cut(MNIST / "train-labels-idx1-ubyte.gz", part / "train-labels", TRAIN, 2),
                   "--holdout",
                   cut(MNIST / "t10k-images-idx3-ubyte.gz", part / "test-images", HOLDOUT, 4),
                   cut(MNIST / "t10k-labels-idx1-ubyte.gz", part / "test-labels.gz", HOLDOUT, 2))

    def test_a_student_keeps_its_teachers_certified_accuracy(self):
        with Daemon() as daemon:
            daemon.policy(POLICY)
            self.add_data(daemon)
            for name in ("teacher", "student"):
                daemon.run("register", "digits", "--name", name, "--arch", "lenet")
            teacher = daemon.finished("digits", "g1")
            student = daemon.finished("digits", "g2")
            self.assertEqual(teacher["verdict"], "promoted", teacher["reason"])
            self.assertEqual(student["verdict"], "promoted", student["reason"])
            self.assertEqual(student["teacher"], "g1")
            # Both certificates are of the same images, so the difference is a paired one.
            indices = daemon.query("SELECT count(DISTINCT idx), count(*) FROM certified_examples")
            self.assertEqual(indices, [(HOLDOUT, 2 * HOLDOUT)])
            at_half = [g["metrics"]["certified_accuracy"]["0.50"] for g in (teacher, student)]
            print(f"certified accuracy at 0.50: teacher {at_half[0]:.3f}, student {at_half[1]:.3f}")
            self.assertGreaterEqual(at_half[1], at_half[0] - 0.02)
            # Most examples are decided long before their cap, and only the gates' radii are known.
            for generation in (teacher, student):
                self.assertLess(generation["samples"], HOLDOUT * 10000 / 4)
                self.assertEqual(sorted(generation["metrics"]["certified_accuracy"]), ["0.00", "0.50"])
                self.assertIsNone(generation["metrics"]["acr"])
                self.assertEqual(generation["certification"],
                                 {"mode": "gate", "precision": "bf16", "examples": HOLDOUT,
                                  "listed": HOLDOUT})
            daemon.audit()


if __name__ == "__main__":
    if not (MNIST / "train-images-idx3-ubyte.gz").exists():
        print(f"SKIPPED: there is no MNIST in {MNIST}")
        raise SystemExit(77)
    unittest.main()
