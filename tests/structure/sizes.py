"""No file above 400 lines; above 300 is worth a look."""

from tree import CODE, finish, read, sources

LIMIT, WORTH_A_LOOK = 400, 300


def main():
    problems, count = [], 0
    for path in sources(*CODE, "cmake", suffixes=(".hpp", ".cpp", ".py", ".sh", ".cmake")):
        lines = read(path).count("\n")
        count += 1
        if lines > LIMIT:
            problems.append(f"{path}: {lines} lines, more than {LIMIT}; divide it by meaning")
        elif lines > WORTH_A_LOOK:
            print(f"{path}: {lines} lines, perhaps two rooms in one")
    finish(problems, count, "files")


main()
