"""The script that every client carries out, as data: what to call, on which collection, with which arguments of REST's form.

It is the same at each run. Where the Python client's local mode answers otherwise than a Qdrant server, a step says what a server answers
and why the two differ (rest_data.differing).
"""

import random
import uuid

from rest_data import LANGUAGES, SIZE, condition, differing, make_points, refused, step, vector
from rest_filters import filters, odd_values


def filling(points, chance):
    yield step("collectionExists")
    yield step("createCollection", vectors={"size": SIZE, "distance": "Cosine"})
    yield refused(step("createCollection", vectors={"size": SIZE, "distance": "Cosine"}))  # it exists
    yield step("collectionExists")
    yield step("count")
    yield step("scrollPages", limit=10)
    yield step("query", query=points[0]["vector"])
    yield step("uploadPoints", points=points[:200], batch_size=64)
    columns = {"ids": [point["id"] for point in points[200:]], "vectors": [point["vector"] for point in points[200:]],
               "payloads": [point["payload"] for point in points[200:]]}
    yield step("uploadCollection", **columns, batch_size=32)
    yield step("description")
    yield step("count", exact=True)
    yield step("scrollPages", limit=64, with_payload=True, with_vector=True)
    # One point by rows, two by columns, and again with other content.
    yield step("upsert", points=[{"id": 1001, "vector": vector(chance), "payload": {"language": "c", "tags": ["z"]}}])
    yield step("upsert", batch={"ids": [1001, 1003], "vectors": [vector(chance), vector(chance)], "payloads": [{"language": "d"}, {}]})
    yield step("upsert", points=[{"id": 1005, "vector": vector(chance)}])
    yield step("retrieve", ids=[1001, 1003, 1005], with_payload=True, with_vector=True)
    # Equal scores; later they would make it a matter of chance who is the last within a limit.
    yield step("upsert", points=[{"id": number, "vector": points[1]["vector"]} for number in (1011, 1013, 1015)])
    yield step("query", query=points[1]["vector"], limit=10, with_payload=False)
    yield step("delete", points=[1011, 1013, 1015])
    yield refused(step("upsert", points=[{"id": 1007, "vector": [1.0, 2.0]}]), "local mode stores half of it")
    yield refused(step("upsert", "none", points=points[:1]))  # no such collection


def selectors(points):
    ids = [points[number]["id"] for number in (5, 0, 17, 2, 100)]
    yield step("retrieve", ids=[*ids, 99999, str(uuid.UUID(int=7))], with_payload=True)
    yield step("retrieve", ids=ids, with_payload=False, with_vector=True)
    for selector in (["language", "owner.team"], ["versions[].n"], ["versions"], ["nothing"], {"include": ["tags", "owner"]},
                     {"exclude": ["owner.team", "description"]}, {"exclude": ["versions[].n"]}):
        yield step("retrieve", ids=ids, with_payload=selector)
        yield step("query", query=points[0]["vector"], limit=7, with_payload=selector)


def queries(points, chance):
    for limit, offset in ((1, 0), (10, 0), (25, 40), (1000, 0), (20, 290), (5, 1000)):
        yield step("query", query=vector(chance), limit=limit, offset=offset, with_payload=True)
    yield step("query", query=vector(chance), limit=9, with_payload=False, with_vector=True)
    for threshold in (0.9, 0.25, -0.5):
        yield step("query", query=vector(chance), limit=60, score_threshold=threshold, with_payload=False)
    yield step("query", query=points[30]["id"], limit=12, with_payload=False)
    yield step("query", query={"nearest": points[31]["id"]}, limit=12, with_payload=False)
    yield step("query", query={"nearest": vector(chance)}, limit=12, with_payload=False)
    yield step("query", limit=15, offset=4, with_payload=True)  # without a query: by id
    recommend = {"positive": [points[3]["id"], vector(chance)], "negative": [points[4]["id"]], "strategy": "average_vector"}
    yield step("query", query={"recommend": recommend}, limit=12, with_payload=False)
    yield step("query", query={"recommend": {"positive": [points[5]["id"], points[6]["id"]]}}, limit=12, with_payload=False)
    searches = [{"query": vector(chance), "limit": 5 + number, "with_payload": number % 2 == 0,
                 "filter": {"must": [condition("language", match={"value": language})]}} for number, language in enumerate(LANGUAGES)]
    yield step("queryBatch", searches=searches)
    yield step("queryBatch", searches=[{"query": points[9]["vector"], "limit": 3}, {"query": points[9]["id"], "limit": 3}])
    yield step("queryBatch", searches=[])
    yield refused(step("query", query=[1.0, 2.0], limit=3))  # the dimension
    yield refused(step("query", query=points[0]["vector"], using="none", limit=3))  # no such vector
    yield refused(step("query", "none", query=points[0]["vector"], limit=3))  # no such collection
    yield refused(step("query", query=99999, limit=3))  # no such point


def filtered(points):
    for given in filters(points):
        yield step("scroll", filter=given, limit=400, with_payload=False)
        yield step("count", filter=given, exact=True)
        yield step("query", query=points[50]["vector"], filter=given, limit=10, with_payload=False)


def scrolls(points):
    yield step("scroll", limit=7, with_payload=False)
    yield step("scroll", limit=7, offset=101, with_payload=False)
    yield step("scroll", limit=7, offset=points[200]["id"], with_payload=["language"])
    yield step("scrollPages", limit=11, filter={"must": [condition("language", match={"value": "go"})]}, with_payload=True)
    for key, schema in (("usage_count", "integer"), ("success_rate", "float"), ("last_used", "datetime"), ("versions[].n", "integer")):
        yield step("createPayloadIndex", field_name=key, field_schema=schema)
        yield step("scroll", order_by=key, limit=500, with_payload=False)
        yield step("scroll", order_by={"key": key, "direction": "desc"}, limit=500, with_payload=False)
        yield step("query", query={"order_by": {"key": key}}, limit=500, with_payload=False)
    yield step("scroll", order_by={"key": "usage_count", "start_from": 41}, limit=500, with_payload=False)
    yield step("scroll", order_by={"key": "usage_count", "start_from": 20, "direction": "desc"}, limit=500, with_payload=False)
    yield step("scroll", order_by={"key": "last_used", "start_from": "2025-08-01T00:00:00Z"}, limit=500, with_payload=False)
    yield step("scroll", order_by="success_rate", limit=20, filter={"must": [condition("language", match={"value": "cpp"})]}, with_payload=True)
    yield step("deletePayloadIndex", field_name="versions[].n")
    words = {"must": [condition("description", match={"text": "POOL connection"})]}
    found = sum("connection pool" in point["payload"]["description"] for point in points)
    yield step("count", filter=words, exact=True)  # without an index: the text as it stands
    yield step("createPayloadIndex", field_name="description", field_schema="text")
    yield differing("a text index looks for words in any order and either case", {"count": found}, step("count", filter=words, exact=True))
    yield step("deletePayloadIndex", field_name="description")


def facets(points):
    for key, schema in (("language", "keyword"), ("tags", "keyword"), ("active", "bool"), ("owner.team", "keyword")):
        yield step("createPayloadIndex", field_name=key, field_schema=schema)
        yield step("facet", key=key, limit=100, exact=True)
        yield step("facet", key=key, limit=2, exact=True)
        yield step("facet", key=key, limit=100, exact=True, filter={"must": [condition("usage_count", range={"gte": 30})]})
    yield step("facet", key="usage_count", limit=100, exact=True)
    # With the indexes in place filters select the same.
    yield from filtered(points)


def payload_updates(points):
    def look():
        return step("scroll", limit=400, with_payload=True)

    ids = [points[number]["id"] for number in (10, 11, 12)]
    go = {"must": [condition("language", match={"value": "go"})]}
    yield step("setPayload", payload={"reviewed": True, "owner": {"team": "new"}}, points=ids)
    yield step("setPayload", payload={"note": {"deep": [1, {"x": 2.5}, None]}}, filter=go)
    yield look()
    yield step("upsert", points=[{"id": 4001, "vector": points[0]["vector"], "payload": {"a": 1, "b": 2, "c": {"d": 3, "e": [4]}}}])
    yield step("setPayload", payload={"a": None, "new": None}, points=[4001])
    yield differing("a null that is set removes the key; local mode keeps it", [{"id": 4001, "payload": {"b": 2, "c": {"d": 3, "e": [4]}}}],
                    step("retrieve", ids=[4001]))
    yield step("overwritePayload", payload={"c": {"d": 3, "e": [4]}}, points=[4001])
    yield step("deletePayload", keys=["c.d"], points=[4001])
    yield differing("keys that are deleted may be paths; local mode knows names at the top alone", [{"id": 4001, "payload": {"c": {"e": [4]}}}],
                    step("retrieve", ids=[4001]))
    yield step("delete", points=[4001])
    yield step("setPayload", payload={"lead": "Ada"}, key="owner", points=[point["id"] for point in points[20:40]])
    yield step("setPayload", payload={"added": 1}, key="versions[0]", points=[point["id"] for point in points[40:80]])
    yield step("setPayload", payload={"all": 2}, key="versions[]", points=[point["id"] for point in points[80:120]])
    yield step("setPayload", payload={"new": 3}, key="a.b.c", points=[point["id"] for point in points[120:130]])
    yield look()
    yield step("overwritePayload", payload={"only": "this"}, points=[point["id"] for point in points[130:135]])
    yield step("overwritePayload", payload={"only": "that", "language": "go"}, filter={"must": [condition("only", match={"value": "this"})]})
    yield step("deletePayload", keys=["description", "nothing"], points=[point["id"] for point in points[140:150]])
    yield step("deletePayload", keys=["usage_count", "tags"], filter={"must": [condition("language", match={"value": "rust"})]})
    yield step("clearPayload", points=[point["id"] for point in points[150:160]])
    yield step("clearPayload", filter={"must": [condition("language", match={"value": "cpp"}), condition("active", match={"value": True})]})
    yield look()
    yield step("scroll", filter={"must": [{"is_empty": {"key": "language"}}]}, limit=400, with_payload=False)
    yield step("facet", key="language", limit=100, exact=True)
    yield step("scroll", order_by="usage_count", limit=500, with_payload=False)


def conditional(points, chance):
    busy = {"must": [condition("usage_count", range={"gte": 30})]}
    again = [{"id": point["id"], "vector": vector(chance), "payload": {"round": 2}} for point in points[160:200]]
    again.append({"id": 2001, "vector": vector(chance), "payload": {"round": 2}})
    yield step("upsert", points=again, update_filter=busy)
    yield step("upsert", points=[{"id": point["id"], "vector": vector(chance), "payload": {"round": 3}} for point in [*points[198:200], {"id": 2003}]],
               update_mode="insert_only")
    yield step("upsert", points=[{"id": point["id"], "vector": vector(chance), "payload": {"round": 4}} for point in [points[199], {"id": 2005}]],
               update_mode="update_only")
    yield step("scroll", limit=400, with_payload=True, with_vector=True)


def vectors_and_batches(points, chance):
    yield step("updateVectors", points=[{"id": point["id"], "vector": vector(chance)} for point in points[200:210]])
    yield step("deleteVectors", vector=[""], points=[points[211]["id"]])
    yield step("batchUpdate", operations=[
        {"upsert": {"points": [{"id": 3001, "vector": vector(chance), "payload": {"n": 1}}, {"id": 3003, "vector": vector(chance)}]}},
        {"set_payload": {"payload": {"m": 2}, "points": [3001, 3003]}},
        {"overwrite_payload": {"payload": {"o": 3}, "points": [3003]}},
        {"delete_payload": {"keys": ["n"], "points": [3001]}},
        {"update_vectors": {"points": [{"id": 3001, "vector": vector(chance)}]}},
        {"clear_payload": {"points": [points[212]["id"]]}},
        {"delete": {"points": [points[213]["id"]]}},
    ])
    yield step("scroll", limit=400, with_payload=True, with_vector=True)
    yield step("query", query=vector(chance), limit=400, with_payload=False)
    yield step("scroll", filter={"must_not": [{"has_vector": ""}]}, limit=10, with_payload=False)


def deletions(points):
    yield step("delete", points=[point["id"] for point in points[:10]] + [99999])
    yield step("delete", filter={"must": [condition("usage_count", range={"lt": 10})]})
    yield step("count", exact=True)
    yield step("scrollPages", limit=50, with_payload=True)
    yield step("query", query=points[0]["vector"], limit=500, with_payload=False)
    yield step("retrieve", ids=[points[0]["id"], points[299]["id"]])
    yield step("upsert", points=points[:1])
    yield step("retrieve", ids=[points[0]["id"]], with_payload=True, with_vector=True)


NAMED = {"text": {"size": 6, "distance": "Cosine"}, "code": {"size": 4, "distance": "Euclid"}, "dot": {"size": 5, "distance": "Dot"},
         "city": {"size": 3, "distance": "Manhattan"}}


def named_vectors(chance):
    def some(number):
        return {name: vector(chance, params["size"]) for place, (name, params) in enumerate(NAMED.items())
                if (number >> place) % 4 or number % 16 == 0}

    def by_name(call, **arguments):
        return step(call, "named", **arguments)

    points = [{"id": number, "vector": some(number), "payload": {"group": number % 3, "number": number}} for number in range(1, 121)]
    yield by_name("createCollection", vectors=NAMED, sparse_vectors={"words": {}})
    yield by_name("uploadPoints", points=points, batch_size=50)
    words = {"indices": [7, 3, 900], "values": [0.5, 1.25, -2.0]}
    yield by_name("upsert", points=[{"id": 500, "vector": {"words": words, "text": vector(chance, 6)}}])
    yield by_name("description")
    yield by_name("scrollPages", limit=40, with_vector=True)
    yield by_name("retrieve", ids=[1, 2, 3, 16, 500], with_vector=["code", "words"], with_payload=False)
    yield step("collections")
    for name, params in NAMED.items():
        target = vector(chance, params["size"])
        yield by_name("query", query=target, using=name, limit=500, with_payload=False)
        yield by_name("query", query=target, using=name, limit=9, offset=3, with_vector=[name], with_payload=True)
        yield by_name("query", query=target, using=name, limit=50, score_threshold=0.5, with_payload=False)
        yield by_name("query", query=target, using=name, limit=20, filter={"must": [condition("group", match={"value": 1})]}, with_payload=False)
        yield by_name("query", query=16, using=name, limit=20, with_payload=False)
        for given in ({"must": [{"has_vector": name}]}, {"must_not": [{"has_vector": name}]}):
            yield by_name("scroll", filter=given, limit=200, with_payload=False)
    yield refused(by_name("query", query=vector(chance, 6), limit=5))  # there is no unnamed vector
    yield refused(by_name("upsert", points=[{"id": 501, "vector": {"none": [1.0]}}]))  # no such vector
    yield by_name("updateVectors", points=[{"id": 1, "vector": {"code": vector(chance, 4)}},
                                           {"id": 2, "vector": {"text": vector(chance, 6), "city": vector(chance, 3)}}])
    yield by_name("deleteVectors", vector=["text", "dot"], points=[5, 6, 7])
    yield by_name("deleteVectors", vector=["city"], filter={"must": [condition("group", match={"value": 2})]})
    yield by_name("scrollPages", limit=40, with_vector=True, with_payload=True)
    yield by_name("query", query=vector(chance, 3), using="city", limit=200, with_payload=False)
    yield by_name("upsert", points=[{"id": 8, "vector": {"dot": vector(chance, 5)}, "payload": {"group": 9}}])
    yield by_name("retrieve", ids=[8], with_vector=True, with_payload=True)


def aliases():
    create = {"create_alias": {"collection_name": "named", "alias_name": "live"}}
    yield step("updateAliases", actions=[create])
    yield step("aliases")
    yield step("collectionAliases", "named")
    yield step("count", "live", exact=True)
    yield step("query", "live", query=[0.1, 0.2, 0.3], using="city", limit=5, with_payload=False)
    yield step("updateAliases", actions=[{"delete_alias": {"alias_name": "live"}},
                                         {"create_alias": {"collection_name": "patterns", "alias_name": "live"}}])
    yield step("updateAliases", actions=[{"rename_alias": {"old_alias_name": "live", "new_alias_name": "current"}}])
    yield step("aliases")
    yield step("count", "current", exact=True)
    yield refused(step("count", "live", exact=True))  # renamed
    yield refused(step("updateAliases", actions=[{"create_alias": {"collection_name": "none", "alias_name": "other"}}]))  # no such collection
    yield step("deleteCollection", "patterns")
    yield step("collectionExists", "patterns")
    yield step("deleteCollection", "named")
    yield step("aliases")
    yield step("collections")


def make_steps():
    chance = random.Random(20250115)
    points = make_points(chance)
    return [*filling(points, chance), *selectors(points), *queries(points, chance), *filtered(points), *scrolls(points), *facets(points), *payload_updates(points),
            *conditional(points, chance), *vectors_and_batches(points, chance), *deletions(points), *named_vectors(chance), *odd_values(), *aliases()]
