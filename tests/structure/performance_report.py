"""benchmarks/report.py makes of figures a table, a list of what was missed or not measured, and SVGs that are XML; texts by hand stay."""

import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from pathlib import Path

from tree import ROOT, finish


def figure(group, what, median, **more):
    return {"group": group, "what": what, "against": "", "unit": "us/point", "median": median, "low": median * 0.9, "high": median * 1.1,
            "rounds": 11, **more}


ENTRIES = [
    {"machine": {"Processor": "one | two"}},
    figure("kernels", "floats", 9.0, against="std::to_chars", unit="times as fast", at_least=2.5),
    figure("upload", "wall time", 1.25, against="replay", unit="ratio", at_most=1.1, note="a busy machine"),
    figure("upload", "client CPU", 12.0),
    figure("upload", "client CPU", 11.0),  # measured again: this one counts
    figure("a group & <more>", "small", 0.01),
    figure("a group & <more>", "great" + " and long" * 20, 5000.0),  # more than two decades apart
    figure("nothing", "zero", 0.0),
    {"no_figures": "gzip_link", "why": "it was not built"},
]
WANTED = [
    "| Processor | one \\| two |",
    "| floats | std::to_chars | 9 times as fast | 8.1 to 9.9 | 11 | ≥ 2.5 | reached |",
    "| wall time | replay | 1.25 | 1.125 to 1.375 | 11 | ≤ 1.1 | **missed** |",
    "\n- wall time / replay: a busy machine\n",
    "| client CPU |  | 11 µs/point | 9.9 to 12.1 | 11 |  |  |",
    "- Missed: Upload: wall time / replay: 1.25, wanted ≤ 1.1.",
    "- Not measured: embedding reaches at least 0.95",
    "- No figures: gzip_link: it was not built.",
    "<!-- text upload-time -->\nBy hand.\n<!-- /text -->",
    "<!-- text of-old -->\nAlso.\n<!-- /text -->",
]
UNWANTED = ["Not measured: floats", "Not measured: an upload's wall time", "12 µs/point"]


def report(folder, lines):
    (folder / "figures.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    command = [sys.executable, "-B", ROOT / "benchmarks/report.py", folder / "figures.jsonl", folder / "report.md", folder / "plots"]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def check(folder):
    old = "<!-- text upload-time -->\nBy hand.\n<!-- /text -->\n<!-- text of-old -->\nAlso.\n<!-- /text -->\n"
    (folder / "report.md").write_text(old, encoding="utf-8")
    for time in ("first", "second"):
        if report(folder, map(json.dumps, ENTRIES)).returncode:
            yield f"report.py fails the {time} time"
            return
        text = (folder / "report.md").read_text(encoding="utf-8")
        yield from (f"the {time} report lacks {part!r}" for part in WANTED if part not in text)
        yield from (f"the {time} report has {part!r}" for part in UNWANTED if part in text)
    plots = sorted((folder / "plots").glob("*.svg"))
    if len(plots) != 4 or any(f"(plots/{plot.name})" not in text for plot in plots):
        yield "not each group has its plot in the document"
    for plot in plots:
        xml.etree.ElementTree.parse(plot)
    if "logarithmic" not in (folder / "plots/a_group_more_.svg").read_text(encoding="utf-8"):
        yield "values of more than two decades have no logarithmic axis"
    if not report(folder, ['{"group":"half a fig']).returncode:
        yield "what is no figure is passed over"


def main():
    with tempfile.TemporaryDirectory() as folder:
        finish(list(check(Path(folder))), len(ENTRIES), "entries")


main()
