"""What benchmarks/search.cpp does, by Qdrant's own Python client over REST: 1,000 ready queries of 384 floats among 20,000 points, 100 a
request, the five nearest of each with their payloads, with as many threads as there are connections. Prints `seconds cpu_ms_a_query`.

usage: search.py URL
"""

from concurrent.futures import ThreadPoolExecutor

from points import CONNECTIONS, chunks, collection, measured, only_url, points, vectors
from qdrant_client import models

NAME, QUERIES, LIMIT = "qbatch_search_benchmark_python", 1000, 5


def stored():
    """Points with payloads of a few hundred bytes, as patterns have them."""
    code = "for (std::string line; std::getline(in, line);) {\n  if (line.empty()) continue;\n  use(line);\n}\n"
    for point in points():
        point.payload |= {"code": code, "language": "cpp",
                          "source": "an example of a few hundred bytes, as patterns have them: " + 3 * code}
        yield point


def main():
    url = only_url("search.py")
    parts = chunks([models.QueryRequest(query=vector, limit=LIMIT, with_payload=True) for vector in vectors(QUERIES, 2)])
    with collection(url, NAME) as client, ThreadPoolExecutor(CONNECTIONS) as pool:
        for part in chunks(list(stored())):
            client.upsert(NAME, points=part, wait=True)
        found = []

        def search():
            for answers in pool.map(lambda part: client.query_batch_points(NAME, requests=part), parts):
                found.extend(answers)

        search()  # the connections stand
        found.clear()
        seconds, cpu = measured(search)
        if len(found) != QUERIES or any(len(answer.points) != LIMIT for answer in found):
            raise RuntimeError("answers are missing")
    print(f"{seconds:.6f} {cpu * 1e3 / QUERIES:.6f}")


main()
