"""Every member of a public aggregate has an initialiser, so that `{}` and designated initialisers mean what they say."""

import re

from tree import finish, read, sources, without_comments

# What begins a declaration that is no data member.
NO_MEMBER = r"(using|typedef|friend|static|enum|struct|class|template|explicit|virtual|operator|~|\[\[nodiscard\]\]|public:|private:)"


def bodies(text):
    """The bodies of all structs without access specifiers or bases, as (name, offset, body)."""
    for match in re.finditer(r"\bstruct\s+(?:\w*EXPORT\s+)?(\w+)\s*\{", text):
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield match[1], match.end(), text[match.end() : end - 1]


def statements(body):
    """The body's statements at depth 0 with their offsets; what stands in braces or parentheses is kept as {} and ()."""
    depth, start, kept = 0, 0, ""
    for at, char in enumerate(body):
        if char in "{(":
            depth += 1
            kept += char if depth == 1 else ""
        elif char in "})":
            kept += char if depth == 1 else ""
            depth -= 1
            # A function's or nested type's body ends its statement.
            if char == "}" and depth == 0 and re.search(r"\)\s*(const|noexcept|\s)*\{\}$", kept):
                yield start, kept
                start, kept = at + 1, ""
        elif depth == 0 and char == ";":
            yield start, kept
            start, kept = at + 1, ""
        elif depth == 0:
            kept += char


def declarators(statement):
    """Splits `A<b, c> x{}, y = 1` at the commas between declarators."""
    flat = re.sub(r"<[^<>]*>", "", statement)
    while flat != (flatter := re.sub(r"<[^<>]*>", "", flat)):
        flat = flatter
    return flat.split(",")


def main():
    problems, count = [], 0
    for path in sources("include"):
        text = without_comments(read(path))
        for name, offset, body in bodies(text):
            for start, statement in statements(body):
                statement = statement.strip()
                if not statement or re.match(NO_MEMBER, statement) or re.search(r"\w\(\)(\s*\w+)*(\{\})?$", statement):
                    continue
                for declarator in declarators(statement):
                    count += 1
                    if not re.search(r"=|\{\}$", declarator.strip()):
                        line = text[: offset + start].count("\n") + 1
                        problems.append(f"{path}:{line}: {name}: `{declarator.strip()}` has no initialiser")
    finish(problems, count, "members")


main()
