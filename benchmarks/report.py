"""Writes docs/performance.md and its plots from the figures that benchmarks/run.sh has collected. What stands in the document between
`<!-- text NAME -->` and `<!-- /text -->` is written by hand and kept.

usage: report.py FIGURES OUT.md SVG-FOLDER
"""

import json
import os
import re
import sys
from pathlib import Path

from report_plot import draw, missed, name_of, number, unit_of, wanted

# In the order of the document; what else there is follows.
TITLES = {
    "kernels": "Writing and reading JSON",
    "machine_report": "The batch machine and the report",
    "batch_speedup": "A batch against single calls",
    "embedding_scaling": "Embedding on several threads",
    "import_stages": "An import's stages",
    "import_memory": "What an import holds",
    "upload": "Upload",
    "upload into a sink": "Upload into a sink",
    "search": "Search",
    "search against a sink": "Search against a sink",
    "gzip_link": "A slow link",
    "service_overhead": "The service beside the library",
    "peers": "Beside the official clients",
}

# What is wanted, wherever it has been measured: group, a pattern that the figure's name has to match, the bounds (one, or the same in
# another unit), and the sentence that says it.
EXPECTED = [
    ("upload", r"wall", {"at_most": [1.1]}, "an upload's wall time is at most 1.10 of sending the same bodies, built beforehand"),
    ("peers", r"CPU.*Rust", {"at_most": [1.0]}, "an upload's client CPU a point is at most that of the official Rust client over gRPC"),
    ("upload", r"import from a generator", {"at_most": [1.15]}, "an import from a generator takes at most 1.15 of sending the same bodies, built beforehand"),
    ("upload", r"import from JSONL", {"at_most": [1.4]}, "an import from JSONL takes at most 1.4 of sending the same bodies, built beforehand"),
    ("import_stages", r"slow", {"at_most": [1.15]}, "an import takes at most 1.15 of its slowest stage alone"),
    ("import_memory", r"memory", {"at_most": [1.05]}, "an import of ten times as much holds at most 1.05 of the memory"),
    ("service_overhead", r"wall time", {"at_most": [1.1]}, "qbatch-service takes at most 1.10 of the library's time with the same JSON"),
    ("upload", r"CPU", {"at_most": [0.6]}, "an upload's client CPU a point is at most 0.6 of plain to_chars and curl's easy interface"),
    ("kernels", r"float", {"at_least": [2.5]}, "floats are written at least 2.5 times as fast as by std::to_chars"),
    ("kernels", r"escap", {"at_least": [5]}, "text is escaped at least 5 times as fast as by a loop over its bytes"),
    ("kernels", r"nlohmann", {"at_least": [5]}, "answers are decoded at least 5 times as fast as by nlohmann/json"),
    ("kernels", r"DOM", {"at_least": [1]}, "answers are decoded at least as fast as by simdjson's DOM"),
    ("search", r"CPU", {"at_most": [0.03, 30]}, "a search takes at most 0.03 ms of client CPU a query"),
    ("machine_report", r"time", {"at_most": [100]}, "the batch machine and the report take at most 100 ns an item"),
    ("machine_report", r"kept|report|memory", {"at_most": [4]}, "the batch machine and the report take at most 4 bytes an item"),
    ("batch_speedup", r"bound", {"at_least": [0.9]}, "a batch reaches at least 0.9 of the bound that its threads set"),
    ("embedding_scaling", r"\btimes\b", {"at_least": [0.95]}, "embedding reaches at least 0.95 of as many times one thread"),
]

# By hand, in the document: name and heading.
TEXTS = {"import": "Importing", "service": "The service", "upload-time": "Where an upload's time goes", "search-time": "Where a search's time goes", "not-measured": "What was not measured"}
PLACEHOLDER = "Not written yet."

INTRODUCTION = """# Performance

Written by `sh benchmarks/run.sh`; only the paragraphs between the marks `text` are by hand and are kept. A figure is the median of rounds
that are interleaved with those of what it is measured against, with the quarter marks around it; a ratio is taken within each round. A
name such as "a / b" is a measured against b. What each program does: [benchmarks/README.md]({readme}).
"""


def read(path):
    """(machine, figures, what has none and why). Of figures with one name the last counts."""
    machine, figures, no_figures = {}, {}, []
    for at, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        try:
            entry = json.loads(line)
            if "machine" in entry:
                machine = entry["machine"]
            elif "no_figures" in entry:
                no_figures.append((entry["no_figures"], entry["why"]))
            else:
                for field in ("median", "low", "high", "rounds"):
                    entry[field] + 0
                figures[entry["group"], entry["what"], entry["against"], entry["unit"]] = entry
        except (ValueError, KeyError, TypeError) as error:
            sys.exit(f"report.py: {path}, line {at} is no figure: {error!r}")
    return machine, list(figures.values()), no_figures


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def row(*cells):
    return "| " + " | ".join(map(cell, cells)) + " |\n"


def target(figure):
    return "{} {}".format(wanted(figure)[0], number(wanted(figure)[1])) if wanted(figure) else ""


def verdict(figure):
    return "" if not wanted(figure) else "**missed**" if missed(figure) else "reached"


def machine_section(machine):
    text = "\n## The machine\n\nIt is shared with other work, whose share changes while benchmarks run: ratios within a round suffer less " \
           "from that than times do.\n\n| | |\n|---|---|\n"
    return text + "".join(row(name, value) for name, value in machine.items())


def group_section(group, figures, picture):
    title = TITLES.get(group, group)
    text = f"\n## {title}\n\n![{title}]({picture})\n\n" + row("what", "against", "median", "quarter marks", "rounds", "wanted", "reached")
    text += "|---|---|---|---|---|---|---|\n"
    for each in figures:
        marks = f"{number(each['low'])} to {number(each['high'])}"
        text += row(each["what"], each["against"], f"{number(each['median'])} {unit_of(each)}".strip(), marks, each["rounds"],
                    target(each), verdict(each))
    notes = [f"- {name_of(each)}: {each['note']}\n" for each in figures if each.get("note")]
    return text + ("\n" + "".join(notes) if notes else "")


def meets(expected, figure):
    """Whether the figure is one that the expectation speaks of: the bound that it was given is the expected one, too."""
    group, pattern, bounds, _ = expected
    return figure["group"].startswith(group) and re.search(pattern, name_of(figure)) and any(
        figure.get(kind) in values for kind, values in bounds.items())


def missed_section(figures, no_figures):
    text = "\n## Missed or not measured\n"
    lines = [f"- Missed: {TITLES.get(each['group'], each['group'])}: {name_of(each)}: {number(each['median'])} {unit_of(each)}".rstrip()
             + f", wanted {target(each)}.\n" for each in figures if missed(each)]
    lines += [f"- Not measured: {expected[3]}.\n" for expected in EXPECTED if not any(meets(expected, each) for each in figures)]
    lines += [f"- No figures: {name}: {why}.\n" for name, why in dict.fromkeys(no_figures)]
    return text + "\n" + ("".join(lines) or "All that is wanted was measured and reached.\n")


def texts_of(document):
    """{name: what stands between its marks}"""
    if not document.exists():
        return {}
    return dict(re.findall(r"<!-- text ([\w-]+) -->\n(.*?)<!-- /text -->", document.read_text(encoding="utf-8"), flags=re.S))


def text_sections(texts):
    """Texts that nothing here knows are kept, too."""
    for name, heading in {**TEXTS, **{name: name for name in texts if name not in TEXTS}}.items():
        yield f"\n## {heading}\n\n<!-- text {name} -->\n{texts.get(name, PLACEHOLDER + chr(10))}<!-- /text -->\n"


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: report.py FIGURES OUT.md SVG-FOLDER")
    document, folder = Path(sys.argv[2]), Path(sys.argv[3])
    machine, figures, no_figures = read(sys.argv[1])
    order = {group: place for place, group in enumerate(TITLES)}
    figures.sort(key=lambda figure: order.get(figure["group"], len(order)))
    groups = {}
    for each in figures:
        groups.setdefault(each["group"], []).append(each)

    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    here = document.parent
    text = INTRODUCTION.format(readme=Path(os.path.relpath(Path(__file__).resolve().with_name("README.md"), here.resolve())).as_posix())
    text += machine_section(machine)
    for group, members in groups.items():
        picture = folder / (re.sub(r"\W+", "_", group) + ".svg")
        picture.write_text(draw(TITLES.get(group, group), members), encoding="utf-8")
        text += group_section(group, members, Path(os.path.relpath(picture, here)).as_posix())
    text += "".join(text_sections(texts_of(document))) + missed_section(figures, no_figures)
    document.write_text(text, encoding="utf-8")
    print(f"{document}: {len(figures)} figures, {sum(map(missed, figures))} missed, {len(no_figures)} times none")


main()
