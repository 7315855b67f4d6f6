"""1,000 ready queries of 384 floats among 20,000 points, 100 a request, one request after the other, the five nearest of each with their
payloads, by Qdrant's own Python client over REST. Prints `seconds cpu_ms_a_query`.

usage: search.py URL
"""

from points import chunks, collection, measured, only_url, points, vectors
from qdrant_client import models

NAME, QUERIES, LIMIT = "qbatch_search_benchmark_python", 1000, 5


def main():
    url = only_url("search.py")
    parts = chunks([models.QueryRequest(query=vector, limit=LIMIT, with_payload=True) for vector in vectors(QUERIES, 2)])
    with collection(url, NAME) as client:
        for part in chunks(points()):
            client.upsert(NAME, points=part, wait=True)
        found = []

        def search():
            for part in parts:
                found.extend(client.query_batch_points(NAME, requests=part))

        seconds, cpu = measured(search)
        if len(found) != QUERIES or any(len(answer.points) != LIMIT for answer in found):
            raise RuntimeError("answers are missing")
    print(f"{seconds:.6f} {cpu * 1e3 / QUERIES:.6f}")


main()
