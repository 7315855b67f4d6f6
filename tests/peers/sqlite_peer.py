"""Python's sqlite3 module reads a store that qbatch has written and closed: sound, complete, and each vector and payload as it was given.

usage: sqlite_peer.py QBATCH-PROGRAM
"""

import json
import random
import sqlite3
import struct
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

POINTS, DIMENSION = 1500, 24


def float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def make_patterns(seed):
    chance = random.Random(seed)
    for number in range(POINTS):
        yield {
            "id": number if number % 2 else str(uuid.UUID(int=chance.getrandbits(128))),
            "description": f"pattern {number} – größer",
            "code": f"f({number});\n\t\"quoted\" \\ back",
            "language": chance.choice(["python", "cpp"]),
            "metadata": {"number": number, "nested": {"list": [1, 2.5, None]}},
            "vector": [float32(chance.uniform(-1e3, 1e3)) for _ in range(DIMENSION)],
        }


def id_bytes(value):
    """As the store keeps ids: a kind byte and sixteen bytes, so that their order is the ids' order."""
    return b"\0" + value.to_bytes(16, "big") if isinstance(value, int) else b"\1" + uuid.UUID(value).bytes


def write_store(program, store, patterns):
    lines = "".join(json.dumps(pattern) + "\n" for pattern in patterns)
    base = [program, "--local", store, "--collection", "peer", "--quiet"]
    # Dot leaves vectors as they are; Cosine would normalise them.
    subprocess.run([*base, "collections", "create", "peer", "--size", str(DIMENSION), "--distance", "Dot"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*base, "store", "-"], input=lines, text=True, check=True, stdout=subprocess.DEVNULL)
    deleted = patterns[0]["id"]
    subprocess.run([*base, "delete", str(deleted)], check=True, stdout=subprocess.DEVNULL)
    return [pattern for pattern in patterns if pattern["id"] != deleted]


def unnamed_vector(record):
    """A record is eight bytes of the last change's number and then, of each vector, twice its column, its length and its floats."""
    if struct.unpack_from("<II", record, 8) != (0, DIMENSION) or len(record) != 16 + 4 * DIMENSION:
        return None
    return list(struct.unpack_from(f"<{DIMENSION}f", record, 16))


def problems_of(store, patterns):
    database = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    check = database.execute("PRAGMA integrity_check").fetchone()[0]
    if check != "ok":
        yield f"integrity_check: {check}"
    rows = dict((row[0], row[1:]) for row in database.execute(
        "SELECT id, record, payload FROM points WHERE collection = (SELECT number FROM collections WHERE name = 'peer')"))
    if len(rows) != len(patterns):
        yield f"{len(rows)} points in the file, {len(patterns)} expected"
    for pattern in patterns:
        record, payload = rows.get(id_bytes(pattern["id"]), (None, None))
        if record is None:
            yield f"point {pattern['id']} is missing"
            continue
        if unnamed_vector(record) != pattern["vector"]:
            yield f"point {pattern['id']}: the vector is not what was given"
        expected = {name: pattern[name] for name in ("description", "code", "language")} | pattern["metadata"] | {"usage_count": 0}
        if json.loads(payload) != expected:
            yield f"point {pattern['id']}: the payload is {payload}"


def main():
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "peer.db")
        patterns = write_store(sys.argv[1], store, list(make_patterns(seed)))
        problems = list(problems_of(store, patterns))
    for problem in problems[:20]:
        print(problem, file=sys.stderr)
    print(f"{len(patterns)} points compared, {len(problems)} problems")
    sys.exit(1 if problems else 0)


main()
