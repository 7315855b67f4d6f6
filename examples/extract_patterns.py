#!/usr/bin/env python3
"""Writes the documented functions of a Python source tree as code patterns, one JSON object a line.

Without --root the tree is the standard library of the Python that runs this script, which makes some thousands of real patterns
out of what the machine already has. The same tree gives the same bytes each time. Needs Python 3.9 and nothing else.
"""

import argparse
import ast
import hashlib
import json
import os
import sys
import sysconfig
import tokenize
import warnings

SKIPPED_FOLDERS = {"__pycache__", "dist-packages", "idle_test", "idlelib", "site-packages", "test", "tests"}


def complain(text):
    print("extract_patterns.py: " + text, file=sys.stderr)


def source_files(root):
    """Yields the paths of the Python files below root, sorted, without tests and installed packages."""
    for folder, subfolders, names in os.walk(root, onerror=lambda error: complain(f"skipped {error.filename}: {error.strerror}")):
        subfolders[:] = sorted(name for name in subfolders if name not in SKIPPED_FOLDERS)
        for name in sorted(names):
            if name.endswith(".py") and os.path.isfile(os.path.join(folder, name)):
                yield os.path.join(folder, name)


def functions(node, scope=()):
    """Yields (qualified name, node) of every function and method below node, in the order of the file."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = scope + (child.name,)
            if not isinstance(child, ast.ClassDef):
                yield ".".join(name), child
            yield from functions(child, name)
        else:
            yield from functions(child, scope)


def source_segment(lines, node):
    """What ast.get_source_segment gives, for lines split once a file: that function splits the whole file at each call."""
    segment = lines[node.lineno - 1 : node.end_lineno]
    # Columns count UTF-8 bytes. The end is cut first, as both may lie on one line.
    segment[-1] = segment[-1].encode()[: node.end_col_offset].decode()
    segment[0] = segment[0].encode()[node.col_offset :].decode()
    return "\n".join(segment)


def storable(text):
    """The text with what no store takes, NUL and lone surrogates, replaced by U+FFFD."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def success_rate(name):
    """A stand-in for a measured rate: 0.70 to 0.99, always the same for a name."""
    return (70 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % 30) / 100


def patterns_of(path, root):
    """Yields the patterns of one file. Raises what reading or parsing it raises."""
    with tokenize.open(path) as file:
        source = file.read()
    tree = ast.parse(source, path)
    lines = source.split("\n")
    relative = os.path.relpath(path, root).replace(os.sep, "/")
    top = relative.split("/")[0]
    category = top[: -len(".py")] if top.endswith(".py") else top
    for name, node in functions(tree):
        docstring = storable(ast.get_docstring(node) or "")
        if docstring.strip():
            yield {
                "description": docstring,
                "code": storable(source_segment(lines, node)),
                "language": "python",
                "metadata": {
                    "category": storable(category),
                    "file": storable(relative),
                    "name": name,
                    "success_rate": success_rate(name),
                },
            }


def all_patterns(root):
    """Yields the patterns of the tree, each (description, code) once. Files that cannot be read are named on stderr and skipped."""
    seen = set()
    for path in source_files(root):
        try:
            found = list(patterns_of(path, root))
        except (OSError, SyntaxError, UnicodeError, ValueError, RecursionError) as error:
            complain(f"skipped {path}: {error}")
            continue
        for pattern in found:
            key = (pattern["description"], pattern["code"])
            if key not in seen:
                seen.add(key)
                yield pattern


def write_patterns(out, root, limit):
    count = 0
    for pattern in all_patterns(root):
        if limit is not None and count == limit:
            break
        out.write(json.dumps(pattern, ensure_ascii=False) + "\n")
        count += 1
    out.flush()
    return count


def whole_number(text):
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def main():
    parser = argparse.ArgumentParser(description="Write the documented functions of a Python source tree as JSONL patterns.")
    parser.add_argument("--out", metavar="FILE", help="write to FILE instead of stdout")
    parser.add_argument("--limit", metavar="N", type=whole_number, help="stop after N patterns")
    parser.add_argument("--root", metavar="DIR", default=sysconfig.get_path("stdlib"), help="read DIR instead of Python's standard library")
    arguments = parser.parse_args()
    if not os.path.isdir(arguments.root):
        parser.error(f"--root: {arguments.root} is not a folder")
    warnings.simplefilter("ignore")  # What old code is warned for does not concern us.
    try:
        if arguments.out is None:
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
            count = write_patterns(sys.stdout, arguments.root, arguments.limit)
        else:
            with open(arguments.out, "w", encoding="utf-8", newline="\n") as out:
                count = write_patterns(out, arguments.root, arguments.limit)
    except BrokenPipeError:
        # The reader has gone; Python would complain once more when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        complain(f"cannot write {arguments.out or 'to stdout'}: {error.strerror}")
        return 1
    if count == 0 and arguments.limit != 0:
        complain(f"no documented function below {arguments.root}; Debian keeps the standard library in the package libpython3-stdlib")
        return 1
    print(f"{count} patterns", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
