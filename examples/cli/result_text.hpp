#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tally.hpp"

namespace cli {

/// "1 pattern", "4,523 patterns".
[[nodiscard]] std::string counted(std::size_t number, const std::string& singular, const std::string& plural);
/// The number with a comma between thousands.
[[nodiscard]] std::string grouped(std::size_t number);

/// " in 1.24 s, 5 requests: 2 rejected, 1 failed": how a summary line goes on, up to its line end.
[[nodiscard]] std::string summaryTail(std::chrono::nanoseconds elapsed, std::size_t requests,
                                      const std::function<std::size_t(qbatch::Outcome)>& count);
[[nodiscard]] std::string summaryTail(const Tally& tally);
/// The failed items as a table, equal neighbours in one row, the first twenty rows and how many items follow them. Empty where all is done.
/// `failures` are in the order of the input, the first of `all`.
[[nodiscard]] std::string failureTable(const std::vector<FailedItem>& failures, std::size_t all);
[[nodiscard]] std::string failureTable(Tally& tally);

/// Says on stderr why a call stopped early, where one did.
void complainOfStop(const Tally& tally);

/// The result could not be written to stdout; what it told of may well be done.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Writes to stdout. Throws OutputError.
void print(std::string_view text);

}  // namespace cli
