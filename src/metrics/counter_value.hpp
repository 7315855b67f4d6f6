#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace qbatch::metrics {

/// Why a counter cannot be counted up, in words that go behind the point's name.
class CounterProblem : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr std::int64_t largestCount = std::int64_t{1} << 53;  ///< beyond it JSON readers begin to round

/// A counter as a point holds it.
struct CounterValue {
  std::optional<std::int64_t> number{};  ///< nullopt: absent or null, which counts as 0
};

/// True for what can be a counter's name: 1 to 48 letters, digits and `_`, not beginning with `_qbatch`.
[[nodiscard]] bool isCounterName(std::string_view name) noexcept;

/// True for what can be a writer's name: letters, digits and `_`, and none of the names that qbatch uses otherwise.
[[nodiscard]] bool isWriterName(std::string_view name) noexcept;

/// Reads the counter `name` out of a member's raw JSON; nullptr where the point has no such member. Throws CounterProblem where it holds
/// something else than a whole number.
[[nodiscard]] CounterValue counterValue(std::string_view name, const std::string* rawJson);

/// The count after adding `by`. Throws CounterProblem beyond ±2^53, where JSON readers begin to round.
[[nodiscard]] std::int64_t counterSum(std::string_view name, CounterValue value, std::int64_t by);

}  // namespace qbatch::metrics
