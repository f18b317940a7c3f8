"""What the benchmarks share: running a program for its last line of JSON, and printing rows."""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
BIN = ROOT / "build" / "release" / "bin"
PYTHON = "/usr/bin/python3"  # Debian's, which has python3-torch


def last_json(*command):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def require(path):
    if not path.exists():
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: there is no {path} to compare with")
    return path


def show(row):
    """One row: a JSON object with --json, else a line for people."""
    if "--json" in sys.argv[1:]:
        print(json.dumps(row), flush=True)
        return
    rest = {key: value for key, value in row.items()
            if key not in ("name", "ours", "peer", "ratio", "aim")}
    met = "met" if row["ratio"] >= row["aim"] else "not met"
    print(f"{row['name']:10} ours {row['ours']:g}  peer {row['peer']:g}  ratio {row['ratio']:.2f}  "
          f"aim {row['aim']:g}: {met}", flush=True)
    for key, value in rest.items():
        print(f"{'':10} {key.replace('_', ' ')}: {value}", flush=True)
