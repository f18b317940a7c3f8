"""gcc 12 frees twice what is created inside a co_await expression: temporaries must have a name first.

Rejects a statement that holds co_await together with a braced temporary or a capturing lambda.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
BAD = [(re.compile(r"\b[A-Z]\w*\s*\{"), "a braced temporary"),
       (re.compile(r"\[[^\]]*\w[^\]]*\]\s*(\(|\{|mutable)"), "a capturing lambda")]


def main():
    problems = []
    for folder in ("daemon", "cli"):
        for path in sorted((ROOT / folder).rglob("*.cpp")):
            text = re.sub(r"//.*", "", path.read_text())
            for found in re.finditer(r"[^;{}]*\bco_await\b[^;]*;", text):
                line = text[:found.start()].count("\n") + 1
                for pattern, what in BAD:
                    if pattern.search(found.group().split("co_await", 1)[1]):
                        problems.append(f"{path.relative_to(ROOT)}:{line}: {what} inside co_await")
    print("\n".join(problems) or "no temporaries inside co_await")
    return 1 if problems else 0


sys.exit(main())
