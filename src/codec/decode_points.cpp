#include "codec/decode_points.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "codec/answer_reader.hpp"
#include "codec/json_check.hpp"
#include "qbatch/error.hpp"

namespace qbatch::codec {
namespace {

using Type = simdjson::ondemand::json_type;

/// The float that is nearest to the number in `token`, of which `value` is the nearest double.
float nearestFloat(double value, std::string_view token) {
  constexpr std::uint64_t cutBits = 0x1FFF'FFFF, halfway = 0x1000'0000;
  if (std::fabs(value) > static_cast<double>(std::numeric_limits<float>::max())) {
    // From half a last place above the largest float on, it rounds to infinity.
    const float most = std::fabs(value) < 0x1.ffffffp127 ? std::numeric_limits<float>::max() : std::numeric_limits<float>::infinity();
    return std::copysign(most, static_cast<float>(std::copysign(1.0, value)));
  }
  const auto cut = static_cast<float>(value);
  if ((std::bit_cast<std::uint64_t>(value) & cutBits) != halfway) return cut;
  // The double has been rounded to the middle of two floats, so only the text tells to which of them it is nearer.
  float exact = cut;
  const auto result = std::from_chars(token.data(), token.data() + token.size(), exact);
  return result.ec == std::errc{} ? exact : cut;
}

PointId readId(JsonValue value, std::string_view member) {
  const Type type = needed(value.type(), member, "a point id");
  if (type == Type::number) return unsignedOf(value, member);
  if (type != Type::string) failDecoding(member, "is neither an unsigned whole number nor a UUID");
  std::optional<PointId> id;
  try {
    id = PointId::parse(stringOf(value, member));
  } catch (const ParseError&) {  // said below
  }
  if (!id || id->isNumber()) failDecoding(member, "is neither an unsigned whole number nor a UUID");
  return *id;
}

/// A point's members, and how many floats the last vector had.
class PointReader {
 public:
  explicit PointReader(std::string_view vectorName) : vectorName_(vectorName) {}

  std::vector<StoredPoint> points(JsonValue value, std::string_view member) {
    std::vector<StoredPoint> all;
    eachItem(arrayOf(value, member), member, [&](JsonValue item) { all.push_back(point(objectOf(item, member))); });
    return all;
  }

 private:
  StoredPoint point(JsonMembers members) {
    StoredPoint point;
    bool hasId = false;
    eachMember(members, "a point", [&](std::string_view name, JsonValue value) {
      if (name == "id") {
        point.id = readId(value, "id");
        hasId = true;
      } else if (name == "score") {
        if (isNull(value, name)) {  // of a vector that holds an infinite value
          point.score = std::numeric_limits<float>::lowest();
          return true;
        }
        const std::string_view token = value.raw_json_token();
        point.score = nearestFloat(needed(value.get_double(), "score", "a number"), token);
      } else if (name == "payload") {
        point.payload = isNull(value, name) ? std::string() : payload(value);
        point.payloadChecked = true;
      } else if (name == "vector") {
        point.vector.clear();
        if (!isNull(value, name)) readVectors(value, point.vector);
      } else {
        return false;
      }
      return true;
    });
    if (!hasId) failDecoding("id", "is missing from a point");
    return point;
  }

  static std::string payload(JsonValue value) {
    auto members = objectOf(value, "payload");
    const std::string_view text = needed(members.raw_json(), "payload", "an object");
    try {
      return checkJson(text);
    } catch (const ParseError& error) {
      failDecoding("payload", "is no valid JSON at its byte " + std::to_string(error.offset()));
    }
  }

  /// One vector, or vectors by name.
  void readVectors(JsonValue value, std::vector<float>& vector) {
    if (needed(value.type(), "vector", "a vector") != Type::object) {
      return vectorName_.empty() ? readVector(value, vector) : passOver(value);
    }
    eachMember(objectOf(value, "vector"), "vector", [&](std::string_view name, JsonValue named) {
      if (name != vectorName_) return false;
      vector.clear();
      if (needed(named.type(), "vector", "a vector") == Type::object) return false;  // a sparse one
      readVector(named, vector);
      return true;
    });
  }

  void readVector(JsonValue value, std::vector<float>& vector) {
    vector.reserve(dimension_);
    bool multi = false;
    eachItem(arrayOf(value, "vector"), "vector", [&](JsonValue item) {
      const std::string_view token = item.raw_json_token();
      if (token.starts_with('[')) {
        multi = true;
        passOver(item);
      } else if (isNull(item, "vector")) {
        vector.push_back(std::numeric_limits<float>::infinity());
      } else {
        vector.push_back(nearestFloat(needed(item.get_double(), "vector", "an array of numbers"), token));
      }
    });
    if (multi) vector.clear();
    dimension_ = vector.size();
  }

  std::string_view vectorName_;
  std::size_t dimension_ = 0;
};

}  // namespace

std::vector<StoredPoint> decodePoints(std::string& body, std::string_view vectorName) {
  std::vector<StoredPoint> points;
  PointReader reader(vectorName);
  Answer(body).result([&](JsonValue value) { points = reader.points(value, "result"); });
  return points;
}

std::vector<std::vector<StoredPoint>> decodeQueryBatch(std::string& body, std::string_view vectorName) {
  std::vector<std::vector<StoredPoint>> lists;
  PointReader reader(vectorName);
  Answer(body).result([&](JsonValue value) {
    lists.clear();
    eachItem(arrayOf(value, "result"), "result", [&](JsonValue item) {
      std::optional<std::vector<StoredPoint>> points;
      eachMember(objectOf(item, "result"), "result", [&](std::string_view name, JsonValue member) {
        if (name != "points") return false;
        points = reader.points(member, "result[].points");
        return true;
      });
      if (!points) failDecoding("result[].points", "is missing");
      lists.push_back(std::move(*points));
    });
  });
  return lists;
}

ScrollPage decodeScroll(std::string& body, std::string_view vectorName) {
  std::optional<std::vector<StoredPoint>> points;
  ScrollPage page;
  PointReader reader(vectorName);
  Answer(body).result([&](JsonValue value) {
    eachMember(objectOf(value, "result"), "result", [&](std::string_view name, JsonValue member) {
      if (name == "points") {
        points = reader.points(member, "result.points");
      } else if (name == "next_page_offset") {
        page.next.reset();
        if (!isNull(member, "result.next_page_offset")) page.next = readId(member, "result.next_page_offset");
      } else {
        return false;
      }
      return true;
    });
  });
  if (!points) failDecoding("result.points", "is missing");
  page.points = std::move(*points);
  return page;
}

}  // namespace qbatch::codec
