"""Appends to a file of figures what the machine is that they are measured on, for benchmarks/report.py.

usage: machine.py FIGURES BUILD-FOLDER      (QDRANT_URL, QDRANT_API_KEY: the server that is measured, where there is one)
"""

import datetime
import json
import os
import platform
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

PACKAGES = {"libcurl": "libcurl4-openssl-dev", "simdjson": "libsimdjson-dev", "Boost": "libboost-dev", "fmt": "libfmt-dev",
            "SQLite": "libsqlite3-dev", "nlohmann/json": "nlohmann-json3-dev", "Google Benchmark": "libbenchmark-dev"}
UNKNOWN = "unknown"


def matched(pattern, path):
    """The first group of the first match in a file, or UNKNOWN."""
    try:
        match = re.search(pattern, Path(path).read_text(encoding="utf-8"), flags=re.M)
    except OSError:
        return UNKNOWN
    return match.group(1).strip().strip('"') if match else UNKNOWN


def printed(*command):
    """The first line that a program prints, or UNKNOWN."""
    try:
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return UNKNOWN
    return run.stdout.strip().partition("\n")[0] or UNKNOWN


def memory():
    kilobytes = matched(r"^MemTotal:\s*(\d+)", "/proc/meminfo")
    return UNKNOWN if kilobytes == UNKNOWN else f"{int(kilobytes) / 2**20:.1f} GiB"


def compiler(build):
    cache = Path(build) / "CMakeCache.txt"
    program = printed(matched(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache), "--version")
    return f"{program}, CMAKE_BUILD_TYPE {matched(r'^CMAKE_BUILD_TYPE:STRING=(.*)$', cache)}"


def libraries():
    versions = {name: printed("dpkg-query", "-W", "-f", "${Version}", package) for name, package in PACKAGES.items()}
    return ", ".join(f"{name} {version}" for name, version in versions.items() if version != UNKNOWN) or UNKNOWN


def server():
    url = os.environ.get("QDRANT_URL")
    if not url:
        return "none measured"
    request = urllib.request.Request(url, headers={"api-key": os.environ["QDRANT_API_KEY"]} if "QDRANT_API_KEY" in os.environ else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            told = json.load(answer)
            version = f"version {told['version']}"
            # qbatch's own server says that it is Qdrant, for the sake of its clients, of a commit of zeros.
            own = re.fullmatch("0+", told.get("commit") or "")
            return f"qbatch local-server in place of Qdrant {version}" if own else f"{told['title']}, {version}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"machine.py: QDRANT_URL names no Qdrant server that answers: {error}")


def description(build):
    return {
        "Date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "Processor": matched(r"^(?:model name|Model)\s*:\s*(.*)$", "/proc/cpuinfo") + f", {platform.machine()}",
        "Processors": str(os.cpu_count()),
        "Memory": memory(),
        "Kernel": f"{platform.system()} {platform.release()}",
        "Distribution": matched(r"^PRETTY_NAME=(.*)$", "/etc/os-release"),
        "Compiler": compiler(build),
        "Libraries": libraries(),
        "Server": server(),
        "Load average at the beginning": " ".join(f"{load:.1f}" for load in os.getloadavg()) + " (1, 5, 15 minutes)",
    }


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: machine.py FIGURES BUILD-FOLDER")
    with open(sys.argv[1], "a", encoding="utf-8") as file:
        file.write(json.dumps({"machine": description(sys.argv[2])}, ensure_ascii=False) + "\n")


main()
