#pragma once
#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qbatch::local {

/// A path into a payload as Qdrant writes it: `a`, `a.b`, `a[].b`, `a[0]`, `"a key".b`.
class PayloadPath {
 public:
  /// nullopt where the text is no such path.
  [[nodiscard]] static std::optional<PayloadPath> parse(std::string_view text);

  /// Appends every value that the path leads to. An array at the end of the path is one value.
  void collect(simdjson::dom::object payload, std::vector<simdjson::dom::element>& values) const;

 private:
  struct Step {
    enum class Kind { key, index, each } kind{};
    std::string key{};
    std::size_t index{};
  };
  void collectFrom(std::size_t step, simdjson::dom::element value, std::vector<simdjson::dom::element>& values) const;

  std::vector<Step> steps_;  // the first is a key
};

}  // namespace qbatch::local
