#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "arguments.hpp"

namespace cli {

/// Turns what was written into values. Each function appends what is wrong to `problems`, beginning with the option's name, and then
/// returns any value. An option that was not given leaves `value` as it is.
class ArgumentValues {
 public:
  explicit ArgumentValues(std::vector<std::string>& problems) : problems_(problems) {}

  void wholeNumber(const std::string& option, const std::optional<std::string>& text, std::size_t least, std::size_t most,
                   std::size_t& value);
  /// `auto` is 0.
  void concurrency(const std::string& option, const std::optional<std::string>& text, std::size_t& value);
  void seconds(const std::string& option, const std::optional<std::string>& text, std::chrono::milliseconds& value);
  /// The age of marks, which must be a day at least.
  void hours(const std::string& option, const std::optional<std::string>& text, std::chrono::hours& value);
  /// A file's name that is not empty.
  void fileName(const std::string& option, const std::optional<std::string>& text, std::optional<std::string>& value);
  void existing(const std::string& option, const std::optional<std::string>& text, qbatch::Existing& value);
  void distance(const std::string& option, const std::optional<std::string>& text, qbatch::Distance& value);
  void score(const std::string& option, const std::optional<std::string>& text, std::optional<float>& value);
  void filter(const std::string& option, const std::optional<std::string>& text, std::optional<qbatch::Filter>& value);
  void ids(const std::vector<std::string>& texts, std::vector<qbatch::PointId>& values);
  void aliases(const std::vector<std::string>& texts, std::vector<AliasArguments::Pair>& values);
  /// HOST:PORT, with the host of an IPv6 address in brackets.
  void listen(const std::string& option, const std::optional<std::string>& text, LocalServerArguments& value);

 private:
  void refuse(const std::string& option, const std::string& text, const std::string& why);

  std::vector<std::string>& problems_;
};

}  // namespace cli
