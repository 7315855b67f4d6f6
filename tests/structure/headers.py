"""Every public header compiles alone, twice in one file, without a warning. usage: headers.py COMPILER…"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tree import ROOT, finish, sources

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wnon-virtual-dtor", "-Werror"]


def compile_alone(job):
    compiler, header = job
    name = header.relative_to("include").as_posix()
    unit = f'#include "{name}"\n#include "{name}"\n'
    command = [compiler, "-std=c++20", "-fsyntax-only", *WARNINGS, f"-I{ROOT}/include", "-x", "c++", "-"]
    done = subprocess.run(command, input=unit, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{name} does not compile alone with {compiler}:\n{done.stderr}"


def main():
    jobs = [(compiler, header) for compiler in sys.argv[1:] for header in sources("include")]
    with ThreadPoolExecutor(2) as pool:
        problems = [problem for problem in pool.map(compile_alone, jobs) if problem]
    finish(problems, len(jobs), "headers")


main()
