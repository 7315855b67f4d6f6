"""Carries out steps through Qdrant's Python client: a server's, or its own local mode."""

from pydantic import BaseModel, TypeAdapter
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

# What REST calls otherwise than the client.
RENAMED = {"with_vector": "with_vectors", "vector": "vectors"}
FILTER_OF = {"query": "query_filter", "scroll": "scroll_filter", "count": "count_filter", "facet": "facet_filter"}
# Arguments that the client wants as its models rather than as JSON.
TYPED = {
    "filter": models.Filter,
    "update_filter": models.Filter,
    "update_mode": models.UpdateMode,
    "query": models.QueryInterface,
    "order_by": models.OrderByInterface,
    "with_payload": models.WithPayloadInterface,
    "vectors": models.VectorsConfig,
    "sparse_vectors": dict[str, models.SparseVectorParams],
    "batch": models.Batch,
    "field_schema": models.PayloadFieldSchema,
    "requests": list[models.QueryRequest],
    "operations": list[models.UpdateOperation],
    "actions": list[models.AliasOperations],
}


def typed(name, value):
    return TypeAdapter(TYPED[name]).validate_python(value) if name in TYPED else value


def as_json(answer):
    if isinstance(answer, BaseModel):
        return answer.model_dump(mode="json", by_alias=True)
    if isinstance(answer, (list, tuple)):
        return [as_json(element) for element in answer]
    return answer


class PythonClient:
    def __init__(self, location):
        """`location`: a URL, or ":memory:" for local mode."""
        self.client = QdrantClient(location)

    def carry_out(self, step):
        """The answer in REST's JSON form: {"answer": …} or {"refused": "…"}."""
        try:
            return {"answer": as_json(getattr(self, step["call"])(step["collection"], **step["arguments"]))}
        except UnexpectedResponse as error:
            return {"refused": error.content.decode()}
        except (ValueError, KeyError) as error:  # local mode's refusals
            return {"refused": str(error)}

    def __getattr__(self, call):
        """A call that the client has under the same name in Python's spelling, and the same arguments."""
        function = getattr(self.client, "".join("_" + letter.lower() if letter.isupper() else letter for letter in call))
        return lambda collection, **arguments: function(collection, **{name: typed(name, value) for name, value in arguments.items()})

    def read(self, call, function, collection, arguments):
        given = {name: typed(name, value) for name, value in arguments.items()}
        if "filter" in given:
            given[FILTER_OF[call]] = given.pop("filter")
        return function(collection, **{RENAMED.get(name, name): value for name, value in given.items()})

    def select(self, function, collection, arguments, name="points"):
        """A write to the points that ids or a filter select."""
        rest = dict(arguments)
        selector = rest.pop("points", None) or typed("filter", rest.pop("filter"))
        return function(collection, **{RENAMED.get(key, key): value for key, value in rest.items()}, **{name: selector})

    def createCollection(self, collection, **arguments):
        return self.client.create_collection(collection, **{name + "_config": typed(name, value) for name, value in arguments.items()})

    def collectionExists(self, collection):
        return {"exists": self.client.collection_exists(collection)}

    def collections(self, _):
        return sorted(collection.name for collection in self.client.get_collections().collections)

    def description(self, collection):
        info = self.client.get_collection(collection)
        params = as_json(info.config.params)
        return {"points_count": info.points_count, "vectors": params["vectors"], "sparse_vectors": params["sparse_vectors"]}

    def uploadPoints(self, collection, points, batch_size):
        self.client.upload_points(collection, [models.PointStruct(**point) for point in points], batch_size=batch_size, wait=True)

    def uploadCollection(self, collection, ids, vectors, payloads, batch_size):
        self.client.upload_collection(collection, vectors=vectors, payload=payloads, ids=ids, batch_size=batch_size, wait=True)

    def upsert(self, collection, points=None, batch=None, **rest):
        given = [models.PointStruct(**point) for point in points] if batch is None else typed("batch", batch)
        return self.client.upsert(collection, given, **{name: typed(name, value) for name, value in rest.items()})

    def retrieve(self, collection, **arguments):
        return self.read("retrieve", self.client.retrieve, collection, arguments)

    def query(self, collection, **arguments):
        return self.read("query", self.client.query_points, collection, arguments)

    def queryBatch(self, collection, searches):
        return self.client.query_batch_points(collection, typed("requests", searches))

    def scroll(self, collection, **arguments):
        points, following = self.read("scroll", self.client.scroll, collection, arguments)
        return {"points": as_json(points), "next_page_offset": following}

    def scrollPages(self, collection, **arguments):
        pages, offset = [], None
        while True:
            page, offset = self.read("scroll", self.client.scroll, collection, {**arguments, "offset": offset})
            pages.append(page)
            if offset is None:
                return pages

    def count(self, collection, **arguments):
        return self.read("count", self.client.count, collection, arguments)

    def facet(self, collection, **arguments):
        return self.read("facet", self.client.facet, collection, arguments)

    def setPayload(self, collection, **arguments):
        return self.select(self.client.set_payload, collection, arguments)

    def overwritePayload(self, collection, **arguments):
        return self.select(self.client.overwrite_payload, collection, arguments)

    def deletePayload(self, collection, **arguments):
        return self.select(self.client.delete_payload, collection, arguments)

    def clearPayload(self, collection, **arguments):
        return self.select(self.client.clear_payload, collection, arguments, "points_selector")

    def delete(self, collection, **arguments):
        return self.select(self.client.delete, collection, arguments, "points_selector")

    def updateVectors(self, collection, points):
        return self.client.update_vectors(collection, [models.PointVectors(**point) for point in points])

    def deleteVectors(self, collection, **arguments):
        return self.select(self.client.delete_vectors, collection, arguments)

    def batchUpdate(self, collection, operations):
        return self.client.batch_update_points(collection, typed("operations", operations))

    def updateAliases(self, _, actions):
        return self.client.update_collection_aliases(typed("actions", actions))

    def aliases(self, _):
        return self.client.get_aliases().aliases

    def collectionAliases(self, collection):
        return self.client.get_collection_aliases(collection).aliases
