"""What the documents name exists: linked files, scripts, options and variables of the build, flags of the programs and scripts."""

import re

from tree import ROOT, documents, finish, read, sources

# Programs of others, whose flags are not ours to check.
FOREIGN = r"^\s*(\$ )?(cmake|ctest|ccmake|pkg-config|c\+\+|g\+\+|clang\S*|git|apt\S*|docker|sudo apt\S*)\b"
OWN_WORDS = r"\b(QBATCH|CMAKE_QBATCH)_[A-Z][A-Z_]*[A-Z]\b"


def known_words():
    """All text of the project that is not a document."""
    files = [*sources("include", "src", "examples", "tests", "cmake", "benchmarks", suffixes=(".hpp", ".cpp", ".sh", ".py", ".txt", ".cmake", ".in"))]
    return "\n".join(read(path) for path in ["CMakeLists.txt", "CMakePresets.json", *files])


def check_links(document, text):
    prose = re.sub(r"^```.*?^```$|`[^`\n]+`", "", text, flags=re.S | re.M)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose):
        if not re.match(r"[a-z]+:", target) and not (ROOT / document.parent / target).exists():
            yield f"{document}: the link {target} leads nowhere"
    for script in re.findall(r"\bsh ([\w./-]+\.sh)\b", text):
        if not (ROOT / script).exists():
            yield f"{document}: there is no {script}"


def check_words(document, text, known):
    for word in sorted(set(match[0] for match in re.finditer(OWN_WORDS, text))):
        if word not in known:
            yield f"{document}: nothing in the project knows {word}"
    code = re.findall(r"^```(?:sh|text)?\n(.*?)^```$", text, flags=re.S | re.M) + re.findall(r"`([^`\n]+)`", text)
    for line in "\n".join(code).splitlines():
        if re.match(FOREIGN, line):
            continue
        for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line):
            if not re.search(re.escape(flag) + r"(?![\w-])", known):
                yield f"{document}: nothing in the project knows {flag}"


def main():
    known, problems, count = known_words(), [], 0
    for document in documents():
        text = read(document)
        problems += [*check_links(document, text), *check_words(document, text, known)]
        count += 1
    finish(problems, count, "documents")


main()
