"""What the steps of the REST peers are made of: points, vectors, conditions, and what is expected of a step."""

import uuid

SIZE = 8
COUNT = 300
LANGUAGES = ["python", "cpp", "rust", "go"]


def step(call, collection="patterns", **arguments):
    return {"call": call, "collection": collection, "arguments": arguments}


def differing(reason, instead, given):
    """A step whose answer by local mode is not a server's."""
    return {**given, "reason": reason, "instead": instead}


def refused(given, reason=None):
    """A step that is refused. With a reason local mode is not asked: why not."""
    return {**given, "refused": True, **({"reason": reason} if reason else {})}


def condition(key, **rest):
    return {"key": key, **rest}


def vector(chance, size=SIZE):
    return [round(chance.uniform(-1, 1), 6) for _ in range(size)]


def point_id(number):
    """Numbers and UUIDs by turns."""
    return number if number % 2 else str(uuid.UUID(int=number * 0x9E3779B97F4A7C15 << 32, version=4))


def payload(chance, number):
    result = {
        "description": f"pattern {number} – größer {chance.choice(['error handling', 'connection pool', 'retry with jitter'])}",
        "language": chance.choice(LANGUAGES),
        "usage_count": chance.randrange(60),
        "success_rate": round(chance.random(), 4),
        "last_used": f"2025-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}T{chance.randrange(24):02}:30:00"
                     + chance.choice(["Z", "+02:00", ".250Z"]),
        "active": chance.random() < 0.5,
        "tags": chance.sample(["a", "b", "c", "d"], chance.randrange(4)),
        "owner": {"team": chance.choice(["core", "web"]), "size": chance.randrange(9)},
        "versions": [{"n": chance.randrange(5), "stable": chance.random() < 0.5, "notes": ["x"] * chance.randrange(3)}
                     for _ in range(chance.randrange(3))],
        "maybe": chance.choice([None, 1, "text", [], [1, 2]]),
    }
    for name in chance.sample(["last_used", "tags", "maybe", "owner", "success_rate"], chance.randrange(3)):
        del result[name]
    return result


def make_points(chance):
    return [{"id": point_id(number), "vector": vector(chance), "payload": payload(chance, number)} for number in range(COUNT)]
