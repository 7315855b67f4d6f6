"""The qbatch program works on a collection of `qbatch local-server` over REST; Qdrant's Python client reads the same points there, and
the program's answers to searches are those of the client's local mode.

usage: cli_peer.py QBATCH-PROGRAM
"""

import json
import random
import subprocess
import sys
import uuid
import warnings

from answers import same_answer
from local_server import local_server
from qdrant_client import QdrantClient, models

COUNT, DIMENSION = 700, 64
LANGUAGES = ["python", "cpp", "go"]


def make_patterns(chance):
    for number in range(COUNT):
        pattern = {
            "description": f"pattern {number} – größer {chance.choice(['error handling', 'connection pool'])}",
            "code": f"f({number});\n\t\"quoted\" \\ back",
            "language": chance.choice(LANGUAGES),
            "metadata": {"number": number, "nested": {"list": [1, 2.5, None]}},
        }
        if number % 3:
            pattern["id"] = 5000 + number if number % 2 else str(uuid.UUID(int=chance.getrandbits(128), version=4))
        if number % 5 == 0:
            pattern["vector"] = [chance.uniform(-1, 1) for _ in range(DIMENSION)]
        yield pattern


class Program:
    """The program on the server's collection."""

    def __init__(self, program, url):
        self.base = [program, "--url", url, "--collection", "peer", "--embedder", f"hashing:{DIMENSION}", "--json", "--quiet"]

    def __call__(self, *arguments, lines=()):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        run = subprocess.run([*self.base, *arguments], input=text, text=True, check=True, stdout=subprocess.PIPE)
        return json.loads(run.stdout)


def everything(client):
    """The collection's points by id, without qbatch's own keys."""
    points, offset = {}, None
    while True:
        page, offset = client.scroll("peer", limit=100, offset=offset, with_vectors=True)
        for point in page:
            point.payload = {name: value for name, value in point.payload.items() if not name.startswith("_qbatch")}
            points[point.id] = point
        if offset is None:
            return points


def payload_of(pattern):
    return {name: pattern[name] for name in ("description", "code", "language")} | pattern["metadata"] | {"usage_count": 0}


def stored(program, client, patterns):
    """What is wrong with storing."""
    answer = program("store", "-", "--batch", "150", lines=patterns)
    points = everything(client)
    if len(set(map(str, answer["ids"]))) != COUNT or set(answer["ids"]) != points.keys():
        yield "the ids that were answered are not those of the points"
        return
    for pattern, number in zip(patterns, answer["ids"]):
        if pattern.setdefault("id", number) != number:
            yield f"point {number} was given the id {pattern['id']}"
        if points[number].payload != payload_of(pattern):
            yield f"point {number}: the payload is {points[number].payload}"
        length = sum(value * value for value in points[number].vector)
        if len(points[number].vector) != DIMENSION or abs(length - 1) > 1e-5:
            yield f"point {number}: the vector has the length {length}"
    if list(points) != sorted(points, key=lambda number: (isinstance(number, str), number)):
        yield "scrolling is not in the order of the ids"


def reference(points):
    """Local mode with the points as they were read from the server."""
    local = QdrantClient(":memory:")
    local.create_collection("peer", models.VectorParams(size=DIMENSION, distance=models.Distance.COSINE))
    local.upload_points("peer", [models.PointStruct(id=point.id, vector=point.vector, payload=point.payload) for point in points.values()])
    return local


def hits_of(answer):
    return [[{"id": hit["id"], "score": hit["score"], "payload": hit["description"]} for hit in query["results"]] for query in answer["batch_results"]]


def found(program, client, patterns, chance):
    """What is wrong with searching."""
    local = reference(everything(client))
    vectors = [[chance.uniform(-1, 1) for _ in range(DIMENSION)] for _ in range(40)]
    queries = [{"vector": vector} for vector in vectors]
    for rules in ({}, {"must": [{"key": "language", "match": {"value": "cpp"}}, {"key": "number", "range": {"lt": 300}}]}):
        answer = program("search", "--file", "-", "--limit", "12", *(["--filter", json.dumps(rules)] if rules else []), lines=queries)
        expected = [local.query_points("peer", query=vector, limit=12, query_filter=models.Filter(**rules)).points for vector in vectors]
        wanted = [[{"id": hit.id, "score": hit.score, "payload": hit.payload["description"]} for hit in hits] for hits in expected]
        if not same_answer(wanted, hits_of(answer)):
            yield f"searches with the filter {rules} found other points than local mode"
    own = [pattern for pattern in patterns if "vector" not in pattern][:50]
    answer = program("search", *[f"{pattern['description']}\n{pattern['code']}" for pattern in own], "--limit", "1")
    if [(hits[0]["id"], round(hits[0]["score"], 4)) for hits in hits_of(answer)] != [(pattern["id"], 1) for pattern in own]:
        yield "a pattern's own text does not find it first"


def updated(program, client, patterns, chance):
    """What is wrong with updates and deletions."""
    expected = {number: dict(point.payload) for number, point in everything(client).items()}
    updates = []
    for pattern in patterns[:200]:
        times = chance.randrange(1, 4)
        metrics, seen = {"success_rate": 0.5, "last_used": "2025-01-15T12:00:00Z"}, {"seen": [times]}
        updates += [{"id": pattern["id"], "increment_usage": times, **metrics, "set": seen}] * 2
        expected[pattern["id"]] |= {"usage_count": 2 * times, **metrics, **seen}
    if program("update", "-", lines=updates)["summary"]["successful"] != len(updates):
        yield "not every update was done"
    program("delete", *[str(pattern["id"]) for pattern in patterns[:10]])
    program("delete", "--filter", json.dumps({"must": [{"key": "language", "match": {"value": "go"}}]}))
    gone = {pattern["id"] for pattern in patterns[:10]} | {number for number, payload in expected.items() if payload["language"] == "go"}
    points = everything(client)
    if points.keys() != expected.keys() - gone:
        yield f"{len(points)} points after the deletions, {len(expected.keys() - gone)} expected"
    for number, point in points.items():
        if point.payload != expected[number]:
            yield f"point {number} after the updates: {point.payload}, {expected[number]} expected"


def exchanged(program, client):
    """What is wrong with what the Python client writes and the program reads, and with aliases."""
    client.upsert("peer", [models.PointStruct(id=9, vector=[1.0] + [0.0] * (DIMENSION - 1),
                                              payload={"description": "from Python", "code": "pass", "language": "python", "usage_count": 4})])
    hit = program("search", "--file", "-", "--limit", "1", lines=[{"vector": [1.0] + [0.0] * (DIMENSION - 1)}])["batch_results"][0]["results"][0]
    if (hit["id"], hit["description"], hit["code"], hit["metadata"]) != (9, "from Python", "pass", {"usage_count": 4}):
        yield f"the point that the Python client wrote is read as {hit}"
    program("update", "-", lines=[{"id": 9, "increment_usage": True}])
    if client.retrieve("peer", [9])[0].payload["usage_count"] != 5:
        yield "the point that the Python client wrote was not counted up"
    program("collections", "alias", "live=peer")
    if [(alias.alias_name, alias.collection_name) for alias in client.get_aliases().aliases] != [("live", "peer")]:
        yield "the alias is not there"
    listed = program("collections", "list")["collections"]
    if [(entry["name"], entry["points"], entry["aliases"]) for entry in listed] != [("peer", client.count("live").count, ["live"])]:
        yield f"the collections are listed as {listed}"


def main():
    warnings.simplefilter("ignore")  # the client's advice
    chance = random.Random(20250115)  # the same at each run: none of its scores is so near to another that rounding decides
    patterns = list(make_patterns(chance))
    with local_server(sys.argv[1]) as url:
        program, client = Program(sys.argv[1], url), QdrantClient(url)
        problems = [*stored(program, client, patterns), *found(program, client, patterns, chance), *updated(program, client, patterns, chance),
                    *exchanged(program, client)]
    for problem in problems[:20]:
        print(problem, file=sys.stderr)
    print(f"{COUNT} patterns stored, searched, updated and read, {len(problems)} problems")
    sys.exit(1 if problems else 0)


main()
