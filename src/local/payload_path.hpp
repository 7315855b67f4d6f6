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
  /// A member of an object, one element of an array, or each of them.
  struct Step {
    enum class Kind { key, index, each } kind{};
    std::string key{};
    std::size_t index{};
    bool operator==(const Step&) const = default;
  };
  /// More steps are no path: code that follows one may recurse.
  static constexpr std::size_t mostSteps = 128;

  /// nullopt where the text is no such path.
  [[nodiscard]] static std::optional<PayloadPath> parse(std::string_view text);

  /// Appends every value that the path leads to. An array at the end of the path is one value.
  void collect(simdjson::dom::object payload, std::vector<simdjson::dom::element>& values) const;

  /// The first is a key.
  [[nodiscard]] const std::vector<Step>& steps() const noexcept { return steps_; }
  /// The path as it is written, with quotes only where they are needed: the same for equal paths.
  [[nodiscard]] std::string text() const;
  /// The path to each element of the array here: `a` and `a[]` give `a[]`.
  [[nodiscard]] PayloadPath elements() const;
  bool operator==(const PayloadPath&) const = default;

 private:
  void collectFrom(std::size_t step, simdjson::dom::element value, std::vector<simdjson::dom::element>& values) const;

  std::vector<Step> steps_;
};

}  // namespace qbatch::local
