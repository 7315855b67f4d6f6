#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/point_id.hpp"

// What kernels.cpp decodes, and the decoders that it measures qbatch's own against.
namespace bench {

/// Some code as patterns hold it: `size` bytes of indented lines with quotes and escapes, another one for each `number`.
[[nodiscard]] std::string someCode(std::size_t number, std::size_t size);

/// The answer to a batch of queries, each with `limit` hits, as Qdrant writes it.
[[nodiscard]] std::string someAnswer(std::size_t queries, std::size_t limit);

/// What qbatch::Hit holds; metadata as text.
struct DecodedHit {
  qbatch::PointId id{0};
  float score{};
  std::string description{}, code{}, language{}, metadata{};
  std::optional<std::int64_t> usageCount{};
  std::optional<double> successRate{};
  std::optional<std::string> lastUsed{};
  friend bool operator==(const DecodedHit&, const DecodedHit&) = default;
};
using DecodedLists = std::vector<std::vector<DecodedHit>>;

/// By a parser that is kept, without a copy of the text: `body` has room for simdjson's padding behind its end.
[[nodiscard]] DecodedLists decodeByDom(const std::string& body);
/// By nlohmann/json, whose strings are moved; nothing where it was not there when this was built.
[[nodiscard]] DecodedLists decodeByNlohmann(std::string_view body);
constexpr bool hasNlohmann =
#if defined(QBATCH_HAS_NLOHMANN)
    true;
#else
    false;
#endif

}  // namespace bench
