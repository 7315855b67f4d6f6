"""The documented usage of qbatch-service, as a program in another language meets it: a bulk import in batches of 100, five topics with a
limit of 3, a usage update of the hits. usage: service_usage.py QBATCH SERVICE

Runs on the embedded engine and on `qbatch local-server` over REST."""
import ast
import json
import os
import sys
import sysconfig
import tempfile
import uuid

import httpx
from local_server import local_server, running

TOPICS = ["authentication implementation", "database connection pooling", "error handling best practices", "logging configuration",
          "api rate limiting"]


def patterns(most):
    """Functions of Python's own library that have a docstring."""
    found = []
    folder = sysconfig.get_path("stdlib")
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".py"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            source = file.read()
        lines = source.splitlines()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
                found.append({"description": ast.get_docstring(node), "code": "\n".join(lines[node.lineno - 1:node.end_lineno]),
                              "language": "python", "metadata": {"category": name[:-3], "name": node.name, "success_rate": 0.5}})
                if len(found) == most:
                    return found
    return found


def bulk_import(client, items):
    ids = []
    for first in range(0, len(items), 100):
        batch = items[first:first + 100]
        answer = client.post("/batch/store/patterns", json={"patterns": batch}, headers={"Idempotency-Key": str(uuid.uuid4())})
        assert answer.status_code == 200, answer.text
        result = answer.json()
        assert result["status"] == "success" and result["errors"] == [], result
        assert result["summary"] == {"total": len(batch), "successful": len(batch), "failed": 0}, result["summary"]
        assert len(result["ids"]) == len(batch)
        ids += result["ids"]
    return ids


def search(client):
    answer = client.post("/batch/search/patterns", json={"queries": TOPICS, "limit": 3})
    assert answer.status_code == 200, answer.text
    results = answer.json()["batch_results"]
    assert [result["query"] for result in results] == TOPICS
    for result in results:
        assert len(result["results"]) == 3, result
        scores = [hit["score"] for hit in result["results"]]
        assert scores == sorted(scores, reverse=True), scores
        for hit in result["results"]:
            assert set(hit) == {"id", "description", "code", "language", "score", "metadata"}, hit
    return results


def update(client, results, key):
    updates = [{"id": hit["id"], "increment_usage": True, "success_rate": 0.95, "last_used": "2025-01-15T12:00:00Z"}
               for result in results for hit in result["results"]]
    answer = client.post("/batch/update/metrics", json={"updates": updates}, headers={"Idempotency-Key": key})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"status": "success", "summary": {"total": len(updates), "successful": len(updates), "failed": 0}}, answer.text
    return answer


def usage(url, items):
    with httpx.Client(base_url=url, timeout=60) as client:
        assert client.get("/readyz").status_code == 200
        ids = bulk_import(client, items)
        assert bulk_import(client, items) == ids  # storing again gives the same points
        results = search(client)
        first = update(client, results, "usage-1")
        again = update(client, results, "usage-1")
        assert again.headers["idempotent-replayed"] == "true" and again.content == first.content
        wanted = {}
        for result in results:
            for hit in result["results"]:
                wanted[hit["id"]] = wanted.get(hit["id"], 0) + 1
        for result in search(client):
            for hit in result["results"]:
                assert hit["metadata"]["usage_count"] == wanted[hit["id"]], hit
                assert hit["metadata"]["success_rate"] == 0.95, hit
        one = client.post("/patterns/code", json={"description": "one alone", "code": "pass", "language": "python", "metadata": {}})
        assert one.status_code == 200 and one.json()["status"] == "success", one.text
        assert client.get("/patterns/" + one.json()["id"]).json()["pattern"]["description"] == "one alone"
        listed = client.get("/batch/collections").json()["collections"]
        assert [(entry["name"], entry["points"]) for entry in listed] == [("patterns", len(set(ids)) + 1)], listed
        print(json.dumps({"url": url, "patterns": len(ids), "points": len(set(ids)), "hits": len(wanted)}))


def main():
    qbatch, service = sys.argv[1:3]
    items = patterns(500)
    assert len(items) == 500, len(items)
    words = [service, "--listen", "127.0.0.1:0", "--no-access-log", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        with running([*words, "--local", "store.db", "--state", "state.db"], cwd=folder) as url:
            usage(url, items)
        with local_server(qbatch) as server, running([*words, "--url", server], cwd=folder) as url:
            usage(url, items)


if __name__ == "__main__":
    main()
