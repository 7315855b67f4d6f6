"""Every component of a layer has its test: src/batch/retry.* belongs to tests/unit/batch/retry_test.cpp."""

from tree import ROOT, finish, read, sources

# Lines of `src path without suffix: reason`.
EXCEPTIONS = "tests/structure/untested.txt"


def main():
    reasons = {}
    for line in read(EXCEPTIONS).splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, reason = line.partition(":")
            reasons[name.strip()] = reason.strip()
    components = {path.with_suffix("").as_posix() for path in sources("src")}
    problems = []
    for name in sorted(components):
        test = name.replace("src/", "tests/unit/", 1) + "_test.cpp"
        tested = (ROOT / test).exists()
        if not tested and name not in reasons:
            problems.append(f"{name}: has no {test}")
        if tested and name in reasons:
            problems.append(f"{EXCEPTIONS}: {name} has a test by now; take its line out")
    problems += [f"{EXCEPTIONS}: there is no {name}" for name in reasons if name not in components]
    problems += [f"{EXCEPTIONS}: {name} needs a reason" for name, reason in reasons.items() if not reason]
    finish(problems, len(components), "components")


main()
