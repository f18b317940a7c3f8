"""systemd/heirloomd.service stays hardened, and lets its workers confine themselves.

Exits 77 where there is no systemd-analyze.
"""
import pathlib
import shutil
import subprocess
import sys

UNIT = pathlib.Path(sys.argv[1]) / "systemd" / "heirloomd.service"
MOST = 15  # of 100: systemd calls up to 20 OK

LANDLOCK = {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"}


def main():
    allowed = {word for line in UNIT.read_text().splitlines()
               if line.startswith("SystemCallFilter=") for word in line.split("=", 1)[1].split()}
    if missing := LANDLOCK - allowed:
        print(f"{UNIT} keeps workers from {', '.join(sorted(missing))}")
        return 1
    if shutil.which("systemd-analyze") is None:
        print("skipped: there is no systemd-analyze")
        return 77
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={MOST}",
                           "--no-pager", UNIT], capture_output=True, text=True, check=False)
    print("\n".join(done.stdout.splitlines()[-2:]) or done.stderr)
    return 1 if done.returncode else 0


sys.exit(main())
