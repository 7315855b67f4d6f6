#include "codec/encode_requests.hpp"

#include "codec/json_writer.hpp"

namespace qbatch::codec {
namespace {

void appendNames(std::string& out, std::span<const std::string> names) {
  out += '[';
  for (const std::string& name : names) {
    appendString(out, name);
    out += ',';
  }
  if (!names.empty()) out.pop_back();
  out += ']';
}

void appendWithPayload(std::string& out, const PayloadChoice& choice) {
  out += ",\"with_payload\":";
  switch (choice.kind) {
    case PayloadChoice::Kind::none:
      out += "false";
      break;
    case PayloadChoice::Kind::all:
      out += "true";
      break;
    case PayloadChoice::Kind::only:
      appendNames(out, choice.keys);
      break;
    case PayloadChoice::Kind::allBut:
      out += "{\"exclude\":";
      appendNames(out, choice.keys);
      out += '}';
  }
}

void appendWithVector(std::string& out, bool with, std::string_view name) {
  out += ",\"with_vector\":";
  if (!with || name.empty()) {
    out += with ? "true" : "false";
    return;
  }
  out += '[';
  appendString(out, name);
  out += ']';
}

void appendFilter(std::string& out, std::string_view filter) {
  if (!filter.empty()) (out += ",\"filter\":") += filter;
}

/// All of a search but its vector.
std::string searchTail(const QueryPoints& request, std::string_view shardKey) {
  std::string out;
  if (!request.vectorName.empty()) {
    out += ",\"using\":";
    appendString(out, request.vectorName);
  }
  out += ",\"limit\":";
  appendUnsigned(out, request.limit);
  if (request.offset != 0) {
    out += ",\"offset\":";
    appendUnsigned(out, request.offset);
  }
  appendFilter(out, request.filter);
  if (request.minScore) {
    out += ",\"score_threshold\":";
    appendFloat(out, *request.minScore);
  }
  if (request.exact) out += *request.exact ? ",\"params\":{\"exact\":true}" : ",\"params\":{\"exact\":false}";
  out += ",\"with_payload\":true";
  appendShardKey(out, shardKey);
  out += "},";
  return out;
}

/// An operation without the two braces that close it.
void openOperation(std::string& out, const SetPayload& operation) {
  out += "{\"set_payload\":{\"payload\":";
  out += operation.payload;
  appendFilter(out, operation.filter);
}

void openOperation(std::string& out, const DeletePayload& operation) {
  out += "{\"delete_payload\":{\"keys\":";
  appendNames(out, operation.keys);
  appendFilter(out, operation.filter);
}

}  // namespace

void appendRetrieve(std::string& out, std::span<const PointId> ids, const PayloadChoice& payload, bool withVector,
                    std::string_view vectorName, std::string_view shardKey) {
  out += "{\"ids\":";
  appendPointIds(out, ids);
  appendWithPayload(out, payload);
  appendWithVector(out, withVector, vectorName);
  appendShardKey(out, shardKey);
  out += '}';
}

void appendQueryBatch(std::string& out, const QueryPoints& request, std::string_view shardKey) {
  const std::string tail = searchTail(request, shardKey);
  std::size_t floats = 0;
  for (const auto& vector : request.vectors) floats += vector.size();
  makeRoom(out, floats * 13 + request.vectors.size() * (tail.size() + 16) + 16);
  out += "{\"searches\":[";
  for (const auto& vector : request.vectors) {
    out += "{\"query\":";
    appendVector(out, vector);
    out += tail;
  }
  if (!request.vectors.empty()) out.pop_back();
  out += "]}";
}

void appendScroll(std::string& out, const ScrollPoints& request, std::string_view shardKey) {
  appendScroll(out, request, {request.withPayload ? PayloadChoice::Kind::all : PayloadChoice::Kind::none, {}}, shardKey);
}

void appendScroll(std::string& out, const ScrollPoints& request, const PayloadChoice& payload, std::string_view shardKey) {
  out += "{\"limit\":";
  appendUnsigned(out, request.limit);
  if (request.from) {
    out += ",\"offset\":";
    appendPointId(out, *request.from);
  }
  appendFilter(out, request.filter);
  appendWithPayload(out, payload);
  appendWithVector(out, request.withVector, request.vectorName);
  appendShardKey(out, shardKey);
  out += '}';
}

void appendCount(std::string& out, std::string_view filter, std::string_view shardKey) {
  out += "{\"exact\":true";
  appendFilter(out, filter);
  appendShardKey(out, shardKey);
  out += '}';
}

void appendDelete(std::string& out, std::span<const PointId> ids, std::string_view shardKey) {
  out += "{\"points\":";
  appendPointIds(out, ids);
  appendShardKey(out, shardKey);
  out += '}';
}

void appendDeleteByFilter(std::string& out, std::string_view filter, std::string_view shardKey) {
  out += "{\"filter\":";
  out += filter;
  appendShardKey(out, shardKey);
  out += '}';
}

void appendCreateCollection(std::string& out, const CollectionInfo& info) {
  out += "{\"vectors\":";
  if (!info.vectorName.empty()) {
    out += '{';
    appendString(out, info.vectorName);
    out += ':';
  }
  out += "{\"size\":";
  appendUnsigned(out, info.dimension);
  out += ",\"distance\":";
  appendString(out, toString(info.distance));
  out += info.vectorName.empty() ? "}" : "}}";
  if (!info.embedder.empty()) {
    out += ",\"metadata\":{\"qbatch_embedder\":";
    appendString(out, info.embedder);
    out += '}';
  }
  out += '}';
}

void appendSetAlias(std::string& out, std::string_view alias, std::string_view collection) {
  out += "{\"actions\":[{\"delete_alias\":{\"alias_name\":";
  appendString(out, alias);
  out += "}},{\"create_alias\":{\"collection_name\":";
  appendString(out, collection);
  out += ",\"alias_name\":";
  appendString(out, alias);
  out += "}}]}";
}

void appendBatch(std::string& out, std::span<const BatchOperation> operations, std::string_view shardKey) {
  out += "{\"operations\":[";
  for (const BatchOperation& operation : operations) {
    std::visit([&](const auto& known) { openOperation(out, known); }, operation);
    appendShardKey(out, shardKey);
    out += "}},";
  }
  if (!operations.empty()) out.pop_back();
  out += "]}";
}

}  // namespace qbatch::codec
