#include "support/fake_qdrant_store.hpp"

#include "codec/json_writer.hpp"
#include "local/payload_reader.hpp"
#include "qbatch/error.hpp"

namespace qbatch::test::fake {

Failure formatError(std::string_view words) { return {400, "Format error in JSON body: " + std::string(words), false}; }

Failure wrongInput(std::string_view words) { return {400, "Wrong input: " + std::string(words), false}; }

Failure noCollection(std::string_view name) { return {404, "Not found: Collection `" + std::string(name) + "` doesn't exist!", false}; }

Collection& Store::find(const std::string& name) {
  const auto alias = aliases.find(name);
  const auto found = collections.find(alias == aliases.end() ? name : alias->second);
  if (found == collections.end()) throw noCollection(name);
  return found->second;
}

std::optional<Element> member(Object object, std::string_view name) {
  auto found = local::memberOf(object, name);
  if (found && found->is_null()) found.reset();
  return found;
}

Object objectOf(Element value) {
  Object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) {
    const std::string what = value.is_string() ? "string " : "";
    throw formatError("invalid type: " + what + simdjson::minify(value) + ", expected a map");
  }
  return object;
}

simdjson::dom::array arrayOf(Element value) {
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) {
    throw formatError("invalid type: " + simdjson::minify(value) + ", expected a sequence");
  }
  return array;
}

std::string stringOf(Element value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) {
    throw formatError("invalid type: " + simdjson::minify(value) + ", expected a string");
  }
  return std::string(text);
}

std::size_t sizeOf(Element value) {
  std::uint64_t number = 0;
  if (value.get_uint64().get(number) != simdjson::SUCCESS) {
    throw formatError("invalid value: integer `" + simdjson::minify(value) + "`, expected usize");
  }
  return static_cast<std::size_t>(number);
}

PointId idOf(Element value) {
  std::uint64_t number = 0;
  std::string_view text;
  if (value.get_uint64().get(number) == simdjson::SUCCESS) return PointId(number);
  const bool isText = value.get_string().get(text) == simdjson::SUCCESS;
  try {
    if (isText) {
      const PointId id = PointId::parse(text);
      if (!id.isNumber()) return id;
    }
  } catch (const ParseError&) {  // answered below
  }
  throw formatError("value " + (isText ? std::string(text) : simdjson::minify(value)) +
                    " is not a valid point ID, valid values are either an unsigned integer or a UUID");
}

std::vector<PointId> idsOf(Element value) {
  std::vector<PointId> ids;
  for (const Element item : arrayOf(value)) ids.push_back(idOf(item));
  return ids;
}

PayloadPath pathOf(Element value) {
  const std::string text = stringOf(value);
  auto path = PayloadPath::parse(text);
  if (!path) throw formatError("Invalid json path: '" + text + "'");
  return std::move(*path);
}

std::vector<float> floatsOf(Element value) {
  std::vector<float> floats;
  for (const Element item : arrayOf(value)) {
    double number = 0;
    if (!item.is_number() || item.get_double().get(number) != simdjson::SUCCESS) {
      throw formatError("data did not match any variant of untagged enum VectorStruct");
    }
    floats.push_back(static_cast<float>(number));
  }
  return floats;
}

local::FilterTree filterOf(Element value, std::string_view where) {
  try {
    return local::FilterTree::parse(value, {{}, std::string(where) + ".filter"});
  } catch (const RequestError& refused) {
    throw Failure{refused.error().httpStatus(), refused.error().serverMessage(), false};
  }
}

bool passes(const local::FilterTree& filter, const PointId& id, const Point& point) {
  thread_local local::PayloadReader reader;
  struct Held final : local::HeldVectors {
    explicit Held(const Point& of) : point(of) {}
    [[nodiscard]] bool holds(std::string_view name) const override { return point.vectors.contains(std::string(name)); }
    const Point& point;
  };
  const Held held(point);
  return filter.passes(local::FilterSubject{id, point.payloadText, &held}, reader);
}

std::string idText(const PointId& id) {
  std::string text;
  if (id.isNumber()) {
    codec::appendUnsigned(text, id.number());
  } else {
    codec::appendString(text, id.toString());
  }
  return text;
}

}  // namespace qbatch::test::fake
