"""Makes figures of the rounds that benchmarks/peers/run.sh measured, in the form of benchmarks/support/figures.hpp: prints them, and appends
them to the file that QBATCH_FIGURES names, where it is set.

usage: figures.py ROUNDS-FILE      its lines: ROUND WAY SECONDS CPU [MORE]
CPU is us a point, of `search` ms a query, of `qbatch` seconds in all, as benchmarks/support/own_process.cpp prints it.
"""

import json
import os
import sys
from pathlib import Path

POINTS = 20_000
CLIENTS = {"rust": "Rust client over gRPC", "python": "Python client over REST", "javascript": "JavaScript client over REST"}


def read_rounds(path):
    """{way: {round: (seconds, cpu)}}"""
    ways = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        number, way = line.split()[:2]
        seconds, cpu = map(float, line.split()[2:4])
        if way == "qbatch":
            # A unit that is another one by now would make a false ratio.
            if cpu > seconds * os.cpu_count() * 1.1:
                sys.exit(f"figures.py: {cpu} s of CPU time in {seconds} s: benchmarks/upload prints it in another unit")
            cpu *= 1e6 / POINTS
        ways.setdefault(way, {})[int(number)] = (seconds, cpu)
    return ways


def spread(values):
    """The middle and the quarter marks, as benchmarks/support/figures.cpp takes them."""
    values = sorted(values)
    last = len(values) - 1
    return {"median": values[len(values) // 2], "low": values[last // 4], "high": values[last - last // 4], "rounds": len(values)}


def figure(what, against, unit, values, **more):
    return {"group": "peers", "what": what, "against": against, "unit": unit, **spread(values), **more}


def ratios(own, other, field):
    """Of the rounds in which both were measured."""
    return [own[number][field] / other[number][field] for number in sorted(own.keys() & other.keys())]


def figures(ways):
    own = ways.get("qbatch", {})
    for way, title in CLIENTS.items():
        if not own.keys() & ways.get(way, {}).keys():
            continue
        wanted = {"at_most": 1.0} if way == "rust" else {}
        yield figure("upload, replace: client CPU a point", title, "ratio", ratios(own, ways[way], 1), **wanted)
        yield figure("upload, replace: wall time", title, "ratio", ratios(own, ways[way], 0))
    for way, title in {"qbatch": "qbatch, replace", **CLIENTS}.items():
        if way in ways:
            yield figure(f"upload, {title}: client CPU", "", "us/point", [cpu for _, cpu in ways[way].values()])
            yield figure(f"upload, {title}: wall time", "", "s", [seconds for seconds, _ in ways[way].values()])
    if "search" in ways:
        title = "search, Python client over REST, 100 queries a request"
        yield figure(f"{title}: client CPU", "", "ms/query", [cpu for _, cpu in ways["search"].values()])
        yield figure(f"{title}: wall time of 1,000 queries", "", "s", [seconds for seconds, _ in ways["search"].values()])


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: figures.py ROUNDS-FILE")
    lines = [json.dumps(each, ensure_ascii=False) for each in figures(read_rounds(sys.argv[1]))]
    if not lines:
        sys.exit("figures.py: nothing was measured")
    print("\n".join(lines))
    if path := os.environ.get("QBATCH_FIGURES"):
        with open(path, "a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


main()
