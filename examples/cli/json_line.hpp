#pragma once
#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/payload.hpp"
#include "qbatch/point_id.hpp"

namespace cli {

/// One line that is not what it should be; what() says what is wrong and what to do.
class LineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One member of a line's JSON object: takes a value as the wanted kind, or throws a LineError that names the member.
class Member {
 public:
  Member(std::string_view name, simdjson::ondemand::value value) : name_(name), value_(value) {}

  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] std::string text();
  /// A whole number from 0, or a string that holds one or a UUID.
  [[nodiscard]] qbatch::PointId id();
  /// An array of one or more numbers within float32.
  [[nodiscard]] std::vector<float> vector();
  [[nodiscard]] qbatch::Payload object();
  [[nodiscard]] double number();
  /// true counts as 1, false as 0.
  [[nodiscard]] std::int64_t wholeNumberOrBool();

 private:
  [[noreturn]] void refuse(const std::string& wanted);

  std::string_view name_;
  simdjson::ondemand::value value_;
};

/// Reads lines that hold one JSON object each.
class JsonLines {
 public:
  /// Reads the object in `line` (whose capacity may grow) and hands each member to `take`, which returns false for a member that it does
  /// not know. `what` and `names` describe the object in messages. Throws LineError.
  void read(std::string& line, const std::function<bool(Member&)>& take, std::string_view what,
            std::initializer_list<std::string_view> names);

 private:
  simdjson::ondemand::parser parser_;
};

}  // namespace cli
