"""The C++ blocks of README and docs compile without a warning, and whole programs among them run.

A block with `int main` is a program: it is linked, run in an empty folder, and must exit with 0. A block that begins with `class`, `struct`,
`namespace` or a function stands at namespace scope. Every other block is a run of statements inside a function whose parameters are the
names in docs_prelude.hpp. `#include` lines may head any block.

usage: docs_code.py COMPILER LINK-ARGUMENT…
"""

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tree import ROOT, documents, finish, read

FLAGS = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-Wno-unused-variable", "-Wno-unused-but-set-variable", "-Wno-unused-parameter",
         f"-I{ROOT}/include"]
AT_NAMESPACE_SCOPE = r"(class|struct|namespace|inline|static|void|bool|int|std::\S+ \w+\([^)]*\) \{)\b"


def blocks(document):
    """The document's C++ blocks as (line of the first code line, code)."""
    text = read(document)
    for match in re.finditer(r"^```cpp\n(.*?)^```$", text, flags=re.S | re.M):
        yield text[: match.start(1)].count("\n") + 1, match[1]


def unit_of_fragments(document, fragments):
    """One translation unit of all of a document's fragments, each in a namespace of its own."""
    heads, bodies = ['#include "docs_prelude.hpp"\n'], []
    for line, code in fragments:
        rows = code.split("\n")
        heads += [row + "\n" for row in rows if row.startswith("#include")]
        body = "\n".join("" if row.startswith("#include") else row for row in rows)
        first = body.lstrip().split("\n")[0]
        place = f'#line {line} "{document}"\n{body}\n'
        if not re.match(AT_NAMESPACE_SCOPE, first):
            place = f"void fragment(QBATCH_DOCS_NAMES) {{ {{\n{place}}} }}\n"
        bodies.append(f"namespace line{line} {{\n{place}}}\n")
    return "".join(heads + bodies)


def run(command, **arguments):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **arguments)


def check_fragments(compiler, document, fragments):
    command = [compiler, *FLAGS, f"-I{ROOT}/tests/structure", "-fsyntax-only", "-x", "c++", "-"]
    done = run(command, input=unit_of_fragments(document, fragments))
    return "" if done.returncode == 0 else f"{document}: a block does not compile:\n{done.stderr}"


def check_program(compiler, link, document, line, code):
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program"
        source = f'#line {line} "{document}"\n{code}'
        done = run([compiler, *FLAGS, "-x", "c++", "-", "-x", "none", "-o", program, *link], input=source)
        if done.returncode != 0:
            return f"{document}:{line}: the program does not build:\n{done.stderr}"
        program.rename(hidden := program.with_name(".program"))
        done = run([hidden], cwd=folder)
        return "" if done.returncode == 0 else f"{document}:{line}: the program ended with {done.returncode}:\n{done.stdout}{done.stderr}"


def main():
    compiler, link = sys.argv[1], sys.argv[2:]
    jobs, count = [], 0
    for document in documents():
        found = list(blocks(document))
        count += len(found)
        fragments = [(line, code) for line, code in found if "int main(" not in code]
        jobs += [(check_program, compiler, link, document, line, code) for line, code in found if "int main(" in code]
        if fragments:
            jobs.append((check_fragments, compiler, document, fragments))
    with ThreadPoolExecutor(2) as pool:
        problems = [problem for problem in pool.map(lambda job: job[0](*job[1:]), jobs) if problem]
    finish(problems, count, "blocks")


main()
