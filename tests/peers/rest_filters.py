"""Filters that every client has to have answered as local mode answers them, and payloads that are not what a filter expects."""

from rest_data import condition, differing, step


def filters(points):
    """What each client and local mode have to select alike."""
    yield {"must": [condition("language", match={"value": "python"})]}
    yield {"must": [condition("usage_count", match={"value": 7})]}
    yield {"must": [condition("active", match={"value": True})]}
    yield {"must": [condition("tags", match={"value": "b"})]}
    yield {"must": [condition("tags[]", match={"value": "b"})]}
    yield {"must": [condition("tags[0]", match={"value": "b"})]}
    yield {"must": [condition("owner.team", match={"value": "core"})]}
    yield {"must": [condition("versions[].n", match={"value": 3})]}
    yield {"must": [condition("versions[1].stable", match={"value": False})]}
    yield {"must": [condition("language", match={"any": ["cpp", "rust"]})]}
    yield {"must": [condition("usage_count", match={"any": [1, 2, 3, 59]})]}
    yield {"must": [condition("language", match={"any": []})]}
    yield {"must": [condition("language", match={"except": ["cpp", "rust"]})]}
    yield {"must": [condition("usage_count", match={"except": [1, 2, 3]})]}
    yield {"must": [condition("tags", match={"except": ["a"]})]}
    yield {"must": [condition("description", match={"text": "connection pool"})]}
    yield {"must": [condition("description", match={"text": "größer retry"})]}
    yield {"must": [condition("description", match={"text_any": "retry connection"})]}
    for bounds in ({"gt": 30}, {"gte": 30}, {"lt": 30}, {"lte": 30}, {"gte": 10, "lt": 20}, {"gt": 100}):
        yield {"must": [condition("usage_count", range=bounds)]}
        yield {"must": [condition("versions[].n", range=bounds)]}
    yield {"must": [condition("success_rate", range={"gte": 0.25, "lte": 0.5})]}
    yield {"must": [condition("last_used", range={"gte": "2025-03-01T00:00:00Z", "lt": "2025-06-01T00:00:00Z"})]}
    yield {"must": [condition("last_used", range={"gt": "2025-09-15T12:00:00+05:30"})]}
    yield {"must": [condition("last_used", range={"lte": "2025-02-28"})]}
    for key in ("tags", "maybe", "owner", "success_rate", "owner.team", "versions", "versions[].notes", "nothing"):
        yield {"must": [{"is_empty": {"key": key}}]}
        yield {"must": [{"is_null": {"key": key}}]}
        yield {"must_not": [{"is_empty": {"key": key}}]}
        yield {"must_not": [{"is_null": {"key": key}}]}
        for counts in ({"gte": 1}, {"lt": 1}, {"gt": 1}, {"lte": 2, "gte": 2}):
            yield {"must": [condition(key, values_count=counts)]}
    yield {"must": [{"has_id": [points[3]["id"], points[4]["id"], 99999]}]}
    yield {"must_not": [{"has_id": [point["id"] for point in points[:250]]}]}
    yield {"must": [{"has_id": []}]}
    yield {"must": [{"has_vector": ""}]}
    yield {"must": [{"has_vector": "none"}]}
    stable = condition("stable", match={"value": True})
    either = [condition("n", match={"value": 1}), condition("notes", values_count={"gte": 2})]
    yield {"must": [{"nested": {"key": "versions", "filter": {"must": [condition("n", range={"gte": 2}), stable]}}}]}
    yield {"must": [{"nested": {"key": "versions[]", "filter": {"must_not": [stable]}}}]}
    yield {"must_not": [{"nested": {"key": "versions", "filter": {"should": either}}}]}
    yield {"should": [condition("language", match={"value": "go"}), condition("usage_count", range={"lt": 5})]}
    yield {"must": [condition("active", match={"value": False})],
           "should": [condition("tags", match={"value": "a"}), condition("tags", match={"value": "d"})],
           "must_not": [condition("language", match={"value": "python"}), {"is_empty": {"key": "owner"}}]}
    yield {"must": [{"should": [condition("tags", match={"value": "c"}), {"must_not": [condition("active", match={"value": True})]}]}]}
    three = [condition("active", match={"value": True}), condition("usage_count", range={"gte": 30}),
             condition("owner.team", match={"value": "web"})]
    for least in (1, 2, 3, 4):
        yield {"min_should": {"conditions": three, "min_count": least}}
    yield {"must": condition("language", match={"value": "rust"})}
    yield {}


ODD_VALUES = [None, [], [None], [None, 1], [[], 1], [[1, 2], [3]], {}, {"x": None}, {"x": []}, {"x": [1, 2]}, "", 0, 1, 1.5, True, "a b", "2025-01-01",
              "2025-01-01T00:00:00", "2025-01-01 10:00:00", "2025-01-01T00:00:00.123456Z", "2025-01-01T00:00Z", [{"x": 1}, {"x": None}],
              [{"x": [1, 2]}, {"x": 3}], -5, 1e300, "1"]
PATHS = ["v", "v[]", "v.x", "v[].x", "v[0]", "v[0].x"]


def odd_conditions(key):
    yield {"is_null": {"key": key}}
    yield {"is_empty": {"key": key}}
    for counts in ({"gte": 1}, {"lt": 1}, {"gt": 1}, {"lte": 1}, {"gte": 2, "lt": 3}):
        yield condition(key, values_count=counts)
    for value in (0, -5, "", "1", "a b"):
        yield condition(key, match={"value": value})
    yield condition(key, match={"any": ["", "1"]})
    for bounds in ({"gt": 1, "lt": 2}, {"lt": 0}, {"gte": "2025-01-01T00:00:00Z"}, {"lt": "2025-01-01T05:00:00Z"}):
        yield condition(key, range=bounds)


def id_of(value):
    return 1 + next(place for place, other in enumerate(ODD_VALUES) if type(other) is type(value) and other == value)


def odd_values():
    """Values of every type under one name, and no value at all."""

    def odd(call, **arguments):
        return step(call, "odd", **arguments)

    def selected(given):
        return odd("scroll", filter={"must": [given]}, limit=100, with_payload=False)

    def but(reason, values, given):
        return differing(reason, {"points": [{"id": number} for number in sorted(map(id_of, values))]}, selected(given))

    points = [{"id": number, "vector": [float(number), 1.0], "payload": {"v": value, "k": number}} for number, value in enumerate(ODD_VALUES, 1)]
    points.append({"id": 100, "vector": [1.0, 2.0], "payload": {"k": 1}})
    ids = [point["id"] for point in points]
    yield odd("createCollection", vectors={"size": 2, "distance": "Dot"})
    yield odd("uploadPoints", points=points, batch_size=10)
    for key in PATHS:
        for given in odd_conditions(key):
            yield selected(given)
        for selector in ([key], {"include": [key]}, {"exclude": [key]}):
            yield odd("retrieve", ids=ids, with_payload=selector)
    same = "to Python True is 1 and False is 0"
    yield but(same, [True], condition("v", match={"value": True}))
    yield but(same, [1, [None, 1], [[], 1]], condition("v", match={"value": 1}))
    yield but(same, [0, 1, 1.5, 1e300, [None, 1], [[], 1]], condition("v", range={"gte": 0}))
    yield but("a null is no value, except or not", [value for value in ODD_VALUES if value not in (None, [], [None], "", "1")],
              condition("v", match={"except": ["", "1"]}))
    yield but("an array in an array is looked into where the path says so", [[None, 1], [[], 1], [[1, 2], [3]]], condition("v[]", match={"value": 1}))
    nested = {"nested": {"key": "v", "filter": {"must_not": [condition("x", match={"value": 1})]}}}
    yield but("nested looks at objects in an array alone", [[{"x": 1}, {"x": None}], [{"x": [1, 2]}, {"x": 3}]], nested)
    for key in ("v.x", "v[0].z", "v[].z", "v[1]", "v"):
        yield odd("setPayload", payload={"q": 1}, key=key, points=ids)
        yield odd("scroll", limit=100, with_payload=True)
        yield odd("uploadPoints", points=points, batch_size=10)
    yield odd("deleteCollection")
