"""The one direction of dependency (README.md): who may include whom.

Anything not listed is an error, and so are third-party headers outside their rooms.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])

# Folder -> folders it may include, besides itself and core/base.
SCIENCE = {"core/certificate", "core/stats", "core/jobs"}
ALLOWED = {
    "core/base": set(),
    "core/sandbox": set(),
    "core/audit": set(),
    "core/stats": set(),
    "core/jobs": set(),
    "core/certificate": {"core/stats"},
    "core/data": SCIENCE,
    "core/arch": SCIENCE | {"core/data"},
    "core/smooth": SCIENCE | {"core/data", "core/arch"},
    "core/train": SCIENCE | {"core/data", "core/arch", "core/smooth"},
    "policies": {"core/audit", "core/stats", "core/certificate", "core/jobs"},
    "registry": {"core/audit", "core/jobs", "core/certificate", "policies"},
    "config": {"core/jobs", "core/sandbox", "policies"},
    "bundle": SCIENCE | {"core/audit", "policies", "config"},
    "worker": SCIENCE | {"core/sandbox", "core/data", "core/arch", "core/smooth", "core/train"},
    "daemon": {"core/audit", "core/sandbox", "core/stats", "core/certificate", "core/jobs",
               "policies", "registry", "config", "bundle"},
    "cli": {"core/audit", "core/stats", "core/certificate", "core/jobs", "policies", "config",
            "bundle"},
    "bench": SCIENCE | {"core/data", "core/arch", "core/smooth", "core/train", "policies",
                        "registry", "config"},
}

# Header prefix -> folders that may include it.
ROOMS = {
    r"sqlite3\.h|SQLiteCpp/": {"registry"},
    r"yaml-cpp/": {"config"},
    r"torch/|ATen/|c10/": {"core/arch", "core/smooth", "core/train", "worker", "bench"},
    r"boost/beast": {"daemon", "cli"},
    r"boost/asio": {"daemon", "cli"},
    r"openssl/": {"core/base"},
    r"sys/inotify\.h": {"daemon"},
    r"linux/": {"core/sandbox"},
    r"CLI/": {"daemon", "cli", "bench"},
    r"png\.h|jpeglib\.h": {"core/data"},
    r"zlib\.h": {"core/arch", "core/data"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def folder_of(path):
    parts = path.parts
    return "/".join(parts[:2]) if parts[0] == "core" else parts[0]


def check(path):
    own = folder_of(path)
    for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        quote, header = found.groups()
        if quote == '"':
            target = folder_of(pathlib.PurePath(header))
            if not any((ROOT / name).exists() for name in (header, header + ".in")):
                yield f"{path}:{number}: \"{header}\" is not a path from the root"
            elif target not in {own, "core/base"} | ALLOWED[own]:
                yield f"{path}:{number}: {own} may not include {target}"
        else:
            for pattern, rooms in ROOMS.items():
                if re.match(pattern, header) and own not in rooms:
                    yield f"{path}:{number}: <{header}> belongs to {', '.join(sorted(rooms))}"


def main():
    problems = []
    seen = 0
    for folder in ALLOWED:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".cpp", ".h"}:
                seen += 1
                problems += check(path.relative_to(ROOT))
    print("\n".join(problems) or f"{seen} files include only what they may")
    return 1 if problems or seen == 0 else 0


sys.exit(main())
