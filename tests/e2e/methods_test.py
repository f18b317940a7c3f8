"""Every training method, every architecture and a TorchScript student, through the real daemon on
512 glyphs.

A generation must be promoted by a gate that a coin-flipper fails: the lower bound of its certified
accuracy is above twice chance. And its loss must have fallen.
"""
import subprocess
import unittest

from daemon import Daemon

METHODS = {
    "gaussian": "",
    "stability": "",
    "smoothadv": "draws: 2, steps: 2, warmup_epochs: 2, epsilon: 0.5",
    "macer": "draws: 4, deferred_epochs: 4, lambda: 1",
    "consistency": "",
    "smoothmix": "draws: 2, steps: 2, step_size: 0.5, eta: 1, warmup_epochs: 4",
    "catrs": "draws: 2, steps: 2, epsilon: 0.5",
}

# Small enough for some seconds each.
ARCHITECTURES = {
    "densenet": {"depth": 10, "growth": 8},
    "dla": {"width": 4},
    "lenet": {},
    "linear": {},
    "mlp": {"width": 128},
    "preresnet": {"depth": 8},
    "regnet": {},
    "resnet": {"depth": 8},
    "resnext": {"depth": 11, "width": 4, "cardinality": 4},
    "vgg": {"depth": 11, "width": 8},
    "vit": {"depth": 2, "width": 32, "patch": 7},
    "wideresnet": {"depth": 10, "widen": 1},
}
# Linear classifiers are not good enough on glyphs to beat chance twice over by their bound.
TOO_WEAK = ("linear",)

POLICY = """
model: {model}
input: {{shape: [1, 28, 28], classes: 10}}
sigma: 0.25
bootstrap: {{method: {method}, epochs: 12, batch: 32{settings}}}
transfer: {{epochs: 12, batch: 32}}
certify: {{examples: 200, n: 1000, alpha: 0.001, mode: gate}}
promote:
  - {{clean_accuracy: {{at_least: 0.2}}}}
  - {{certified_accuracy: {{radius: 0.10, at_least: 0.2}}}}
holdout: {{candidates: 20, promotions: 20, risk: 0.05}}
"""

EXPORT = """
import sys
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.conv = nn.Conv2d(1, 8, 5, stride=2)
        self.norm = nn.BatchNorm2d(8)
        self.second = nn.Conv2d(8, 16, 5, stride=2)
        self.head = nn.Linear(16 * 4 * 4, 10)
    def forward(self, x):
        x = torch.relu(self.second(torch.relu(self.norm(self.conv(x)))))
        return self.head(x.view(x.size(0), -1))

net = Net()
if sys.argv[2] == "trace":
    module = torch.jit.trace(net.eval(), torch.rand(2, 1, 28, 28))
else:
    module = torch.jit.script(net)
module.save(sys.argv[1])
"""


def export(path, how):
    """False where Python has no PyTorch."""
    script = path.with_suffix(".py")  # torch.jit.script reads the source from its file
    script.write_text(EXPORT)
    done = subprocess.run(["/usr/bin/python3", str(script), str(path), how], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0 and "No module named 'torch'" in done.stderr:
        return False
    assert done.returncode == 0, done.stderr
    return True


class Methods(unittest.TestCase):
    def start(self, daemon, model, method="gaussian"):
        settings = METHODS[method]
        daemon.policy(POLICY.format(model=model, method=method,
                                    settings=", " + settings if settings else ""))
        daemon.run("data", "add", model, "--name", "s1", "--format", "glyphs",
                   "--train", "1:512", "--holdout", "2:200")

    def check_learned(self, generation):
        self.assertEqual(generation["verdict"], "promoted", generation["reason"])
        for gate in generation["gates"]:
            self.assertGreater(gate["bound"], 0.2)
        training = generation["training"]
        self.assertLess(training["final_loss"], training["curve"][0][1])

    def test_each_method_learns_and_is_promoted(self):
        with Daemon() as daemon:
            for method in METHODS:
                self.start(daemon, "by-" + method, method)
                daemon.run("register", "by-" + method, "--name", "lenet", "--arch", "lenet")
            for method in METHODS:
                with self.subTest(method=method):
                    self.check_learned(daemon.finished("by-" + method, "g1"))
            daemon.audit()

    def test_each_architecture_learns_from_a_lenet(self):
        with Daemon() as daemon:
            listed = [entry["name"] for entry in daemon.json("architectures")]
            self.assertEqual(sorted(listed), sorted(ARCHITECTURES))
            self.start(daemon, "shapes")
            policy = POLICY.format(model="shapes", method="gaussian", settings="")
            daemon.run("register", "shapes", "--name", "teacher", "--arch", "lenet")
            for name, parameters in ARCHITECTURES.items():
                settings = [word for key, value in parameters.items()
                            for word in ("--set", f"{key}={value}")]
                if name == "vit":  # a transformer wants more passes
                    daemon.policy(policy.replace("transfer: {epochs: 12", "transfer: {epochs: 100"))
                daemon.run("register", "shapes", "--name", name, "--arch", name, *settings)
                if name == "vit":
                    daemon.policy(policy)
            self.check_learned(daemon.finished("shapes", "g1"))
            for number, name in enumerate(ARCHITECTURES, start=2):
                with self.subTest(architecture=name):
                    student = daemon.finished("shapes", f"g{number}")
                    self.assertEqual((student["kind"], student["arch"]), ("transfer", name))
                    if name in TOO_WEAK:
                        self.assertIn(student["verdict"], ("promoted", "rejected"))
                    else:
                        self.check_learned(student)
            daemon.audit()

    def test_a_torchscript_student_learns_from_a_built_in_teacher(self):
        with Daemon() as daemon:
            module = daemon.folder / "net.pt"
            if not export(module, "script"):
                self.skipTest("needs PyTorch for Python")
            self.start(daemon, "mixed")
            daemon.run("register", "mixed", "--name", "lenet", "--arch", "lenet")
            daemon.run("register", "mixed", "--name", "own", "--torchscript", module)
            module.unlink()  # the daemon has its own copy
            self.check_learned(daemon.finished("mixed", "g1"))
            student = daemon.finished("mixed", "g2")
            self.check_learned(student)
            self.assertEqual((student["kind"], student["arch"]), ("transfer", "torchscript"))
            # It teaches in its turn.
            daemon.run("register", "mixed", "--name", "third", "--arch", "linear")
            third = daemon.finished("mixed", "g3")
            self.assertEqual((third["kind"], third["teacher"]), ("transfer", "g2"))

            self.assertTrue(export(module, "trace"))
            refused = daemon.run("register", "mixed", "--name", "frozen", "--torchscript", module,
                                 check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("torch.jit.script", refused.stderr)
            self.assertIn("frozen_norm=true", refused.stderr)
            daemon.run("register", "mixed", "--name", "frozen", "--torchscript", module, "--set",
                       "frozen_norm=true")
            frozen = daemon.finished("mixed", "g4")  # taught by a linear network, it stays weak
            self.assertIn(frozen["verdict"], ("promoted", "rejected"), frozen["reason"])
            training = frozen["training"]
            self.assertLess(training["final_loss"], training["curve"][0][1])
            daemon.audit()

    def test_a_two_step_bootstrap_trains_its_teacher_first(self):
        with Daemon() as daemon:
            self.start(daemon, "twice")
            text = POLICY.format(model="twice", method="gaussian", settings=", architecture: lenet")
            daemon.policy(text)
            daemon.run("register", "twice", "--name", "small", "--arch", "resnet", "--set", "depth=8")
            teacher = daemon.finished("twice", "g1")
            self.assertEqual((teacher["kind"], teacher["version"]), ("bootstrap", "bootstrap-lenet"))
            self.check_learned(teacher)
            student = daemon.finished("twice", "g2")
            self.assertEqual((student["kind"], student["teacher"]), ("transfer", "g1"))
            self.check_learned(student)


if __name__ == "__main__":
    unittest.main()
