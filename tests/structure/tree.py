"""What the structure checks share: the project's files, and how a check ends."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("include", "src", "examples", "benchmarks", "tests")


def sources(*folders, suffixes=(".hpp", ".cpp")):
    """The files below the folders, as paths relative to the project's root."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file():
                yield path.relative_to(ROOT)


def documents():
    """The project's Markdown files."""
    yield from (path.relative_to(ROOT) for path in sorted(ROOT.glob("*.md")))
    yield from sources("docs", suffixes=(".md",))


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def blanked(match):
    """As many line breaks as the match has, so that line numbers stay."""
    return "\n" * match.group(0).count("\n")


def without_comments(text):
    """C++ text without comments and with empty string literals; line numbers stay."""
    text = re.sub(r'R"(\w*)\(.*?\)\1"', lambda m: '""' + blanked(m), text, flags=re.S)
    text = re.sub(r"//[^\n]*|/\*.*?\*/", blanked, text, flags=re.S)
    return re.sub(r'(?m)^(?!\s*#).*$', lambda m: re.sub(r'"(\\.|[^"\\\n])*"', '""', m.group(0)), text)


def finish(problems, checked, what):
    """Prints the problems and ends: 1 where there are any, or where nothing was checked."""
    for problem in problems:
        print(problem, file=sys.stderr)
    if not checked:
        print(f"no {what} found: this check looks in the wrong place", file=sys.stderr)
    print(f"{checked} {what} checked, {len(problems)} problems")
    sys.exit(1 if problems or not checked else 0)
