"""Every source and test file belongs to a target: a file that no CMakeLists.txt names is never built."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
FOLDERS = ["core", "policies", "registry", "config", "worker", "daemon", "cli", "bench", "tests"]


def listed(cmake):
    text = re.sub(r"#.*", "", cmake.read_text())
    return {(cmake.parent / word).resolve() for word in re.findall(r"[\w./-]+\.cpp\b", text)}


def main():
    known = set()
    for folder in FOLDERS:
        for cmake in (ROOT / folder).rglob("CMakeLists.txt"):
            known |= listed(cmake)
    problems = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.cpp")):
            if path.resolve() not in known:
                problems.append(f"{path.relative_to(ROOT)} is in no CMakeLists.txt")
    print("\n".join(problems) or f"{len(known)} files are in targets")
    return 1 if problems else 0


sys.exit(main())
