#pragma once
#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "local/payload_path.hpp"
#include "qbatch/error.hpp"
#include "qbatch/point_id.hpp"

// Reading the bodies of requests. What is not as it should be becomes a RequestError with a Qdrant server's words.
namespace qbatch::serve {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;
using Array = simdjson::dom::array;

/// A request's body, parsed when it is first asked for. What was read from it lives as long as this. Used by one thread at a time.
class Body {
 public:
  explicit Body(std::string text) : text_(std::move(text)) {}
  /// Throws RequestError where it is no JSON.
  [[nodiscard]] Element root() const;

 private:
  std::string text_;
  mutable simdjson::dom::parser parser_{};
  mutable std::optional<Element> root_{};
};

/// The member, where it is there and not null.
[[nodiscard]] std::optional<Element> member(Object object, std::string_view name);
/// The member that has to be there.
[[nodiscard]] Element needed(Object object, std::string_view name);

[[nodiscard]] Object objectOf(Element value);
[[nodiscard]] Array arrayOf(Element value);
[[nodiscard]] std::string_view stringOf(Element value);
[[nodiscard]] bool boolOf(Element value);
/// A whole number of at least 0.
[[nodiscard]] std::size_t sizeOf(Element value);
/// Any number, as the nearest 32-bit float; infinite where it is beyond their range.
[[nodiscard]] float floatOf(Element value);
[[nodiscard]] PointId idOf(Element value);
[[nodiscard]] std::vector<PointId> idsOf(Element value);
[[nodiscard]] local::PayloadPath pathOf(Element value);
/// A JSON object as compact text, each name once.
[[nodiscard]] std::string payloadOf(Element value);

/// How deep arrays and objects are nested; 0 for anything else.
[[nodiscard]] std::size_t levelsOf(Element value);

/// `[place: words]` in the form in which the server names what it validated: 422.
[[nodiscard]] RequestError invalid(std::string_view place, std::string_view words);
/// `limit` with its usual value; 0 is refused. `place` is how the server names the request.
[[nodiscard]] std::size_t limitOf(Object body, std::string_view place);

/// The id as JSON.
void appendId(std::string& out, const PointId& id);

}  // namespace qbatch::serve
