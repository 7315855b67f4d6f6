"""Compares two answers in REST's JSON form.

Scores and the floats of vectors may differ by TOLERANCE; points of equal score or equal order value may stand in any order. Left out of
the comparison, because the clients' local mode has no such thing: the members of UNKNOWN_TO_LOCAL_MODE. A member that is null is one that
is missing, except inside payloads.
"""

TOLERANCE = 1e-5
UNKNOWN_TO_LOCAL_MODE = ("version", "operation_id", "shard_key")  # local mode: always 0, 0, none


def plain(answer):
    """An answer without what is not compared."""
    if isinstance(answer, list):
        return [plain(element) for element in answer]
    if isinstance(answer, dict):
        return {name: value if name == "payload" else plain(value)
                for name, value in answer.items() if value is not None and name not in UNKNOWN_TO_LOCAL_MODE}
    return answer


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def equal(one, other, tolerance):
    if is_number(one) and is_number(other):
        return abs(one - other) <= tolerance
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(
            equal(one[name], other[name], TOLERANCE if name in ("score", "vector") else 0 if name == "payload" else tolerance) for name in one)
    if isinstance(one, list):
        if len(one) != len(other):
            return False
        if one and isinstance(one[0], dict) and one[0].keys() & {"score", "order_value"}:
            return equal_ranks(one, other, tolerance)
        return all(equal(*pair, tolerance) for pair in zip(one, other))
    return one == other


def rank(point):
    return point["order_value"] if "order_value" in point else point["score"]


def equal_ranks(one, other, tolerance):
    """Lists of points: each run of equal scores or order values in `one` has to be the same points in `other`, in any order."""
    start = 0
    while start < len(one):
        end = start + 1
        while end < len(one) and abs(rank(one[end]) - rank(one[end - 1])) <= TOLERANCE:
            end += 1
        rest = other[start:end]
        for point in one[start:end]:
            same = next((place for place, candidate in enumerate(rest) if equal(point, candidate, tolerance)), None)
            if same is None:
                return False
            del rest[same]
        start = end
    return True


def same_answer(one, other):
    return equal(plain(one), plain(other), 0)
