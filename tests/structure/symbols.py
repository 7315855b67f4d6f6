"""The shared libraries show the public names of qbatch:: and nothing else. usage: symbols.py PREFIX"""

import re
import subprocess
import sys
from pathlib import Path

from tree import finish, read, sources

# Inner namespaces are the folders of src/; what lies in them must stay hidden.
INNER = r"qbatch::(batch|codec|metrics|http|rest|embed|stream|run|local|serve)::"


def main():
    problems, count = [], 0
    public = " ".join(read(path) for path in sources("include"))
    for library in sorted(Path(sys.argv[1]).rglob("libqbatch*.so")):
        listing = subprocess.run(["nm", "-D", "-C", "--defined-only", library], capture_output=True, text=True, check=True).stdout
        for row in listing.splitlines():
            match = re.match(r"[0-9a-f]+ (\w) (.*)", row)
            if not match:
                continue
            kind, name = match.groups()
            count += 1
            own = re.match(r"(?:[a-z -]+ (?:for|to) )?qbatch::(\w+)", name)
            if not own or re.search(INNER, name.split("(")[0]) or not re.search(rf"\b{own[1]}\b", public):
                problems.append(f"{library.name} shows {kind} {name}")
    finish(problems, count, "symbols")


main()
