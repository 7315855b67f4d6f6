#pragma once
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "local/filter_tree.hpp"
#include "local/json_tree.hpp"
#include "qbatch/backend.hpp"

// What a FakeQdrant keeps, and how its parts say no.
namespace qbatch::test::fake {

using local::JsonTree;
using local::PayloadPath;

/// An answer that is not "ok". Thrown.
struct Failure {
  int status = 400;
  std::string words{};
  bool inShard = false;  ///< found while the operation was applied: whoever did not wait never hears of it
};
/// 400, "Format error in JSON body: …"
[[nodiscard]] Failure formatError(std::string_view words);
/// 400, "Wrong input: …"
[[nodiscard]] Failure wrongInput(std::string_view words);
[[nodiscard]] Failure noCollection(std::string_view name);

struct VectorParams {
  std::size_t size{};
  Distance distance = Distance::cosine;
};

struct Point {
  std::map<std::string, std::vector<float>> vectors{};  ///< "" is the unnamed one
  JsonTree payload = JsonTree::object();
  std::string payloadText = "{}";  ///< the same
  std::uint64_t version{};         ///< the number of the operation that changed it last
};

struct Collection {
  std::map<std::string, VectorParams> vectors{};
  JsonTree::Object config{};  ///< as given when it was created
  std::map<PointId, Point> points{};
  std::uint64_t operations{};
};

struct Store {
  std::map<std::string, Collection> collections{};
  std::map<std::string, std::string> aliases{};

  /// Throws noCollection. `name` may be an alias.
  [[nodiscard]] Collection& find(const std::string& name);
};

struct Version {
  unsigned major{}, minor{};
  [[nodiscard]] bool atLeast(unsigned wantedMajor, unsigned wantedMinor) const noexcept {
    return major != wantedMajor ? major > wantedMajor : minor >= wantedMinor;
  }
};

// Bodies. All throw Failure.

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;

/// The member, where it is there and not null.
[[nodiscard]] std::optional<Element> member(Object object, std::string_view name);
[[nodiscard]] Object objectOf(Element value);
[[nodiscard]] simdjson::dom::array arrayOf(Element value);
[[nodiscard]] std::string stringOf(Element value);
/// A whole number of at least 0.
[[nodiscard]] std::size_t sizeOf(Element value);
[[nodiscard]] PointId idOf(Element value);
[[nodiscard]] std::vector<PointId> idsOf(Element value);
[[nodiscard]] PayloadPath pathOf(Element value);
[[nodiscard]] std::vector<float> floatsOf(Element value);
/// `where` is how the server's words call the place, such as "scroll_request".
[[nodiscard]] local::FilterTree filterOf(Element value, std::string_view where);
[[nodiscard]] bool passes(const local::FilterTree& filter, const PointId& id, const Point& point);

[[nodiscard]] std::string idText(const PointId& id);

}  // namespace qbatch::test::fake
