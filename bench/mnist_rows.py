"""The rows of the MNIST table: what each trains, and how one is made and kept."""
import dataclasses
import datetime
import json
import math
import os
import pathlib
import platform
import subprocess

from rows import BIN, PYTHON, last_json

BENCH = pathlib.Path(__file__).resolve().parent

EVERY = 20


@dataclasses.dataclass
class Row:
    name: str
    settings: str              # of `bootstrap`, or of `transfer` where there is a teacher
    n: int = 10000
    published: str = ""        # log under data/reference
    teacher: str = ""          # the row that teaches
    peer: str = ""             # the row whose ACR this is measured by; else the published log
    aim: float = 0.99
    arch: tuple = ("--arch", "lenet")
    script: str = ""           # writes the TorchScript module that is trained instead
    model_of: str = ""         # certifies that row's model; trains nothing
    seed: int = 1

    def trained_by(self):
        return self.model_of or self.name


SMOOTHMIX = "epochs: 20, batch: 64, learning_rate: 0.02, train_precision: bf16, warmup_epochs: 5"
TRANSFER = "epochs: 20, batch: 128, learning_rate: 0.05"
MACER = "epochs: 10, batch: 64, learning_rate: 0.01, train_precision: bf16, deferred_epochs: 3"
SMOOTHADV = ("epochs: 8, batch: 64, learning_rate: 0.02, train_precision: bf16, steps: 5, "
             "warmup_epochs: 3")
SLOW = "epochs: 10, batch: 64, learning_rate: 0.02, train_precision: bf16"


def published(method):
    return f"mnist_lenet_{method}_sigma0.50.tsv"


def generations():
    """Five in a row, each taught by the last; the first is the transfer of the table."""
    for number in range(2, 6):
        yield Row(f"acr_generation{number}", TRANSFER, seed=number, aim=0.98,
                  teacher="acr_transfer" if number == 2 else f"acr_generation{number - 1}",
                  peer="acr_smoothmix_10000")


ROWS = [
    Row("acr_smoothmix", "method: smoothmix, " + SMOOTHMIX, n=100000, published=published("smoothmix")),
    Row("acr_gaussian", "method: gaussian, epochs: 10, batch: 128, learning_rate: 0.05", n=100000,
        published=published("gaussian")),
    Row("acr_transfer", TRANSFER, n=100000, teacher="acr_smoothmix", peer="acr_smoothmix"),
    Row("acr_smoothmix_10000", "", model_of="acr_smoothmix", published=published("smoothmix")),
    Row("acr_transfer_10000", "", model_of="acr_transfer", peer="acr_smoothmix_10000"),
    *generations(),
    Row("acr_transfer_bf16", TRANSFER + ", train_precision: bf16", teacher="acr_smoothmix",
        peer="acr_transfer_10000"),
    Row("acr_transfer_resnet", TRANSFER.replace("20", "10"), teacher="acr_smoothmix",
        peer="acr_smoothmix_10000", arch=("--arch", "resnet", "--set", "depth=8")),
    Row("acr_transfer_torchscript", TRANSFER.replace("20", "10"), teacher="acr_smoothmix",
        peer="acr_smoothmix_10000", script="torchscript_student.py"),
    Row("acr_stability", "method: stability, epochs: 10, batch: 128, learning_rate: 0.03",
        published=published("stability")),
    Row("acr_consistency", "method: consistency, epochs: 15, batch: 128, learning_rate: 0.03",
        published=published("consistency")),
    Row("acr_macer", "method: macer, " + MACER, published=published("macer")),
    Row("acr_catrs", "method: catrs, " + SLOW, peer="acr_smoothmix_10000"),
    Row("acr_smoothmix_one_step", "method: smoothmix, one_step: true, warmup_epochs: 4, " + SLOW,
        peer="acr_smoothmix_10000"),
    Row("acr_smoothadv", "method: smoothadv, " + SMOOTHADV, published=published("smoothadv")),
]


def policy_text(row):
    ours, other = ("transfer", "bootstrap") if row.teacher else ("bootstrap", "transfer")
    rest = "method: gaussian, epochs: 1" if row.teacher else "epochs: 1"
    return (f"model: digits\ninput: {{shape: [1, 28, 28], classes: 10}}\nsigma: 0.50\n"
            f"{ours}: {{{row.settings}}}\n{other}: {{{rest}}}\n"
            f"certify: {{n0: 100, n: {row.n}, alpha: 0.001, mode: exact, precision: bf16}}\n"
            f"promote:\n  - {{clean_accuracy: {{at_least: 0.5}}}}\n"
            f"holdout: {{candidates: 20, promotions: 3, risk: 0.05}}\n")


def read_published(path, ceiling):
    """ACR and certified accuracy of a published log on every 20th image, its radii cut to `ceiling`:
    it has three digits, and can come from a larger n."""
    radii = []
    for line in path.read_text().splitlines()[1:]:
        index, _, _, radius, correct = line.split("\t")[:5]
        if int(index) % EVERY == 0:
            radii.append(min(float(radius), ceiling) if correct == "1" else -1.0)
    grid = [step / 4 for step in range(math.ceil(ceiling * 4))]
    return (sum(max(radius, 0.0) for radius in radii) / len(radii),
            {f"{r:.2f}": sum(radius >= r for radius in radii) / len(radii) for r in grid})


def timed(command):
    """The last line of JSON, with the wall clock and the CPU time of this run."""
    before = os.times()
    result = last_json(*command)
    after = os.times()
    cpu = (after.children_user + after.children_system) - (before.children_user + before.children_system)
    return result, after.elapsed - before.elapsed, cpu


class Spent:
    """Time that went into a row, over all runs that it took."""

    def __init__(self, path):
        self.path = path
        self.values = json.loads(path.read_text()) if path.exists() else {}

    def add(self, what, wall, cpu):
        for key, value in ((f"{what}_seconds", wall), (f"{what}_cpu_seconds", cpu)):
            self.values[key] = round(self.values.get(key, 0.0) + value, 1)
        self.path.write_text(json.dumps(self.values))


class Table:
    def __init__(self, data, reference, folder, results, threads):
        self.data, self.reference, self.folder = data, reference, folder
        self.results, self.threads = results, threads
        self.plan = {row.name: row for row in ROWS}

    def finished(self):
        lines = self.results.read_text().splitlines() if self.results.exists() else []
        return {row["name"]: row for row in map(json.loads, lines)}

    def program(self, name):
        return [BIN / "heirloom-mnist-row", "--data", self.data, "--folder", self.folder / name,
                "--threads", self.threads]

    def model(self, name):
        """Folder with the trained model of a row, which is trained if it is not there."""
        row = self.plan[name]
        folder = self.folder / name
        if (folder / "trained.json").exists():
            return folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "policy.yaml").write_text(policy_text(row))
        teacher = ["--teacher", self.model(row.teacher) / "model.pt"] if row.teacher else []
        arch = row.arch
        if row.script:
            subprocess.run([PYTHON, BENCH / row.script, folder / "module.pt"], check=True)
            arch = ("--torchscript", folder / "module.pt")
        command = [*self.program(name), "train", "--policy", folder / "policy.yaml", *arch,
                   "--seed", row.seed, *teacher]
        trained, wall, cpu = timed(command)
        # A training that was killed and went on is timed by what it has done since then.
        whole = trained["steps"] / max(trained["steps_here"], 1)
        Spent(folder / "spent.json").add("train", wall * whole, cpu * whole)
        return folder

    def run(self, name):
        row = self.plan[name]
        folder = self.model(row.trained_by())
        peer = self.finished().get(row.peer) or self.run(row.peer) if row.peer else None
        figures, wall, cpu = timed([*self.program(row.trained_by()), "certify", "--n", row.n,
                                    "--every", EVERY])
        spent = Spent(folder / "spent.json")
        spent.add(f"certify_{row.n}", wall, cpu)
        line = self.line(row, figures, spent.values, json.loads((folder / "trained.json").read_text()),
                         peer)
        return self.append(line)

    def append(self, line):
        self.results.parent.mkdir(parents=True, exist_ok=True)
        with self.results.open("a") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return line

    def over_transfer(self):
        """What SmoothMix costs against a transfer: the same student for the same epochs. CPU time of
        one thread each, since wall clocks of a shared machine would say little."""
        rows = self.finished()
        robust, transfer = rows.get("acr_smoothmix"), rows.get("acr_transfer")
        if "smoothmix_over_transfer" in rows or not robust or not transfer:
            return rows.get("smoothmix_over_transfer")
        ours, peer = transfer["train_cpu_seconds"], robust["train_cpu_seconds"]
        return self.append({"name": "smoothmix_over_transfer", "ours": ours, "peer": peer,
                            "ratio": round(peer / ours, 2), "aim": 8, "unit": "CPU seconds of training",
                            "date": transfer["date"], "machine": transfer["machine"]})

    def line(self, row, figures, spent, trained, peer):
        line = {"name": row.name, "ours": round(figures["acr"], 4)}
        published_curve = None
        if row.published:
            published_acr, published_curve = read_published(
                self.reference / row.published, figures["ceiling"])
        line["peer"] = round(peer["ours"] if peer else published_acr, 4)
        line["ratio"] = round(line["ours"] / line["peer"], 4)
        line["aim"] = row.aim
        line["peer_is"] = row.peer or row.published
        line["n"], line["examples"] = figures["n"], figures["examples"]
        line["abstain_rate"] = figures["abstain_rate"]
        line["certified_accuracy"] = figures["certified_accuracy"]
        if published_curve:
            line["published_certified_accuracy"] = published_curve
        line["settings"] = self.plan[row.trained_by()].settings
        trained_as = self.plan[row.trained_by()]
        line["architecture"] = trained_as.script or " ".join(
            part for part in trained_as.arch if not part.startswith("--"))
        line["steps"] = trained["steps"]
        line["steps_timed"] = trained["steps_here"]
        for what in ("train", f"certify_{row.n}"):
            for unit in ("seconds", "cpu_seconds"):
                line[f"{what.split('_')[0]}_{unit}"] = spent.get(f"{what}_{unit}", 0.0)
        line["threads"] = self.threads
        line["date"] = datetime.date.today().isoformat()
        line["machine"] = machine()
        return line


def machine():
    for text in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if text.startswith("model name"):
            return f"{os.cpu_count()} cores, {text.split(':', 1)[1].strip()}"
    return f"{os.cpu_count()} cores, {platform.machine()}"
