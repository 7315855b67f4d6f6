"""What benchmarks/upload.cpp does, by Qdrant's own Python client over REST, with as many threads as there are connections. Prints
`seconds cpu_us_a_point` of the upload.

usage: upload.py URL
"""

from concurrent.futures import ThreadPoolExecutor

from points import CONNECTIONS, POINTS, chunks, collection, measured, only_url, points
from qdrant_client import models

NAME = "qbatch_upload_benchmark_python"


def main():
    url = only_url("upload.py")
    parts = chunks(points())
    with collection(url, NAME) as client, ThreadPoolExecutor(CONNECTIONS) as pool:
        def upload():
            answers = pool.map(lambda part: client.upsert(NAME, points=part, wait=True), parts)
            if any(answer.status != models.UpdateStatus.COMPLETED for answer in answers):
                raise RuntimeError("an upsert was not completed")

        seconds, cpu = measured(upload)
        if client.count(NAME, exact=True).count != POINTS:
            raise RuntimeError("points are missing")
    print(f"{seconds:.6f} {cpu * 1e6 / POINTS:.6f}")


main()
