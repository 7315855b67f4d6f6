#include "codec/encode_points.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "codec/float_text.hpp"
#include "codec/json_writer.hpp"

namespace qbatch::codec {
namespace {

constexpr std::size_t usualFloat = 13;  // with its comma; a bit above the mean of embedders' vectors
constexpr std::size_t pointFrame = 80;  // an id and the members' names

std::size_t estimate(std::span<const PointView> points, std::string_view vectorName) {
  std::size_t bytes = pointFrame;
  for (const PointView& point : points) bytes += pointFrame + vectorName.size() + point.vector.size() * usualFloat + point.payload.size();
  return bytes;
}

void appendNamedVector(std::string& out, std::span<const float> vector, std::string_view name) {
  if (name.empty()) return appendVector(out, vector);
  out += '{';
  appendString(out, name);
  out += ':';
  appendVector(out, vector);
  out += '}';
}

/// The point without the brace that closes it.
void openPoint(std::string& out, const PointView& point, std::string_view vectorName) {
  out += "{\"id\":";
  appendPointId(out, point.id);
  out += ",\"vector\":";
  appendNamedVector(out, point.vector, vectorName);
}

}  // namespace

void makeRoom(std::string& out, std::size_t more) {
  if (out.capacity() - out.size() < more) out.reserve(std::max(out.size() + more, 2 * out.capacity()));
}

void appendPointId(std::string& out, const PointId& id) {
  if (id.isNumber()) return appendUnsigned(out, id.number());
  // As PointId::toString() writes it, which has to make a string for it.
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 38> text{};
  std::size_t size = 0;
  text[size++] = '"';
  for (std::size_t i = 0; i < id.bytes().size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[size++] = '-';
    const unsigned byte = id.bytes()[i];
    text[size++] = digits[byte >> 4];
    text[size++] = digits[byte & 15u];
  }
  text[size++] = '"';
  out.append(text.data(), size);
}

void appendPointIds(std::string& out, std::span<const PointId> ids) {
  makeRoom(out, ids.size() * 39 + 2);
  out += '[';
  for (const PointId& id : ids) {
    appendPointId(out, id);
    out += ',';
  }
  if (!ids.empty()) out.pop_back();
  out += ']';
}

void appendVector(std::string& out, std::span<const float> vector) {
  // Through a buffer on the stack: a string that grows for what may be written would be filled with zeros first.
  constexpr std::size_t block = 128;
  std::array<char, block * longestFloat> text;
  makeRoom(out, vector.size() * usualFloat + 2);
  out += '[';
  for (std::span<const float> rest = vector; !rest.empty();) {
    const auto some = rest.first(std::min(block, rest.size()));
    out.append(text.data(), writeFloats(text.data(), some));
    rest = rest.subspan(some.size());
  }
  if (!vector.empty()) out.pop_back();
  out += ']';
}

void appendShardKey(std::string& out, std::string_view shardKey) {
  if (shardKey.empty()) return;
  out += ",\"shard_key\":";
  appendString(out, shardKey);
}

void appendUpsert(std::string& out, const UpsertBody& body) {
  makeRoom(out, estimate(body.points, body.vectorName) + body.updateFilter.size() + body.shardKey.size());
  out += "{\"points\":[";
  for (const PointView& point : body.points) {
    openPoint(out, point, body.vectorName);
    out += ",\"payload\":";
    out += point.payload.empty() ? "{}" : point.payload;
    out += "},";
  }
  if (!body.points.empty()) out.pop_back();
  out += ']';
  if (body.insertOnly) out += ",\"update_mode\":\"insert_only\"";
  if (body.updateOnly) out += ",\"update_mode\":\"update_only\"";
  if (!body.updateFilter.empty()) (out += ",\"update_filter\":") += body.updateFilter;
  appendShardKey(out, body.shardKey);
  out += '}';
}

void appendUpdateVectors(std::string& out, std::span<const PointView> points, std::string_view vectorName, std::string_view shardKey) {
  makeRoom(out, estimate(points, vectorName) + shardKey.size());
  out += "{\"points\":[";
  for (const PointView& point : points) {
    openPoint(out, point, vectorName);
    out += "},";
  }
  if (!points.empty()) out.pop_back();
  out += ']';
  appendShardKey(out, shardKey);
  out += '}';
}

}  // namespace qbatch::codec
