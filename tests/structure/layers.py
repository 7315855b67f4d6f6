"""Which layer may include which, and what the pure layers may not know."""

import re

from tree import finish, read, sources, without_comments

# A folder of src/ and the folders whose headers it may include; "" is src/ itself. Public headers are open to all.
MAY_INCLUDE = {
    "codec": {"codec"},
    "batch": {"batch", "codec", ""},
    "metrics": {"metrics", "codec"},
    "http": {"http"},
    "rest": {"rest", "http", "codec", "metrics"},
    "embed": {"embed", "http", "codec"},
    "stream": {"stream", "codec", "embed", ""},
    "run": {"run", "stream", "batch", "embed", "codec", "metrics", ""},
    "local": {"local", "codec", "metrics"},
    "serve": {"serve", "local", "codec"},
    "": {"", "run", "stream", "batch", "rest", "embed", "codec"},
}
PURE = {"batch", "codec", "metrics"}
PURE_FORBIDDEN = r"<(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|fstream|iostream|filesystem|random_device)>"
# A third-party library's headers, and the only folders that may include them.
THIRD_PARTY = {
    r"<curl/": {"http"},
    r"<boost/(asio|beast)": {"run", "serve"},
    r"<sqlite3": {"local"},
    r"<zlib": {"codec", "serve", "stream"},
}
PUBLIC_FORBIDDEN = r"<(curl|simdjson|fmt|boost|sqlite3|zlib|nlohmann|CLI|catch2)\b"


def check_source(path, text):
    folder = path.parts[1] if len(path.parts) > 2 else ""
    if folder not in MAY_INCLUDE:
        yield f"{path}: the folder {folder} is no layer; name it in tests/structure/layers.py"
        return
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{path}:{number}"
        include = re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line)
        if include:
            bracketed, name = f"<{include[2]}>", include[2]
            if include[1] == '"' and not name.startswith("qbatch/"):
                other = name.split("/")[0] if "/" in name else ""
                if other not in MAY_INCLUDE[folder]:
                    yield f'{where}: {folder or "src"}/ may not include "{name}"'
            if folder in PURE and re.match(PURE_FORBIDDEN, bracketed):
                yield f"{where}: {folder}/ is pure and may not include {bracketed}"
            for pattern, homes in THIRD_PARTY.items():
                if re.match(pattern, bracketed) and folder not in homes:
                    yield f"{where}: {bracketed} belongs to {' and '.join(sorted(homes))} alone"
        elif folder in PURE and re.search(r"\b\w*[cC]lock::now\b|\bsleep_(for|until)\b|\brandom_device\b|\bgetenv\b|\bstd::(cout|cerr)\b", line):
            yield f"{where}: {folder}/ is pure: no clock, no sleep, no chance, no environment, no output"


def check_public(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*#\s*include\s*" + PUBLIC_FORBIDDEN, line) and path.name != "asio.hpp":
            yield f"{path}:{number}: a third-party header in a public one"
        own = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
        if own and not own[1].startswith("qbatch/"):
            yield f"{path}:{number}: a public header may include only the standard library and qbatch/…"


def main():
    problems, count = [], 0
    for path in sources("src"):
        problems += check_source(path, without_comments(read(path)))
        count += 1
    for path in sources("include"):
        problems += check_public(path, without_comments(read(path)))
        count += 1
    finish(problems, count, "files")


main()
