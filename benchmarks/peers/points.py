"""What the Python programs here share: the vectors and points of benchmarks/upload.cpp, and how a collection for them comes and goes."""

import contextlib
import resource
import sys
import time

import numpy
from qdrant_client import QdrantClient, models

POINTS, DIMENSION, PER_REQUEST, CONNECTIONS = 20_000, 384, 100, 4


def vectors(count, seed):
    """As lists, which is what the client takes. The values are those of 32-bit floats, as embedders give them."""
    return numpy.random.default_rng(seed).normal(0, 0.05, (count, DIMENSION)).astype(numpy.float32).tolist()


def chunks(of):
    return [of[start:start + PER_REQUEST] for start in range(0, len(of), PER_REQUEST)]


def points():
    return [models.PointStruct(id=number, vector=vector,
                               payload={"description": f"pattern {number}", "code": "", "language": "", "usage_count": 0})
            for number, vector in enumerate(vectors(POINTS, 1))]


@contextlib.contextmanager
def collection(url, name):
    """A new collection, gone in the end; gives a client."""
    client = QdrantClient(url=url, timeout=120)
    client.delete_collection(name)
    client.create_collection(name, vectors_config=models.VectorParams(size=DIMENSION, distance=models.Distance.COSINE))
    try:
        yield client
    finally:
        client.delete_collection(name)


def measured(work):
    """Wall time and this process's CPU time of work(), in seconds."""
    def cpu():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime

    cpu_before, began = cpu(), time.perf_counter()
    work()
    return time.perf_counter() - began, cpu() - cpu_before


def only_url(program):
    """The one argument."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {program} URL")
    return sys.argv[1]
