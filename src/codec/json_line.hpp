#pragma once
#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/payload.hpp"
#include "qbatch/point_id.hpp"

namespace qbatch::codec {

/// One line that is not what it should be; what() says what is wrong and what to do.
class LineError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

class Member;
/// Reads a member, or returns false for one that it does not know. What it leaves unread is passed over.
using TakeMember = std::function<bool(Member&)>;
/// The names of an object's members, for messages.
using MemberNames = std::span<const std::string_view>;

/// One member of a line's JSON object: takes a value as the wanted kind, or throws a LineError that names the member.
class Member {
 public:
  Member(std::string_view name, simdjson::ondemand::value value) : name_(name), value_(value) {}

  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] bool isNull();
  [[nodiscard]] std::string text();
  /// A whole number from 0, or a string that holds one or a UUID.
  [[nodiscard]] PointId id();
  /// An array of one or more numbers within float32.
  [[nodiscard]] std::vector<float> vector();
  [[nodiscard]] Payload object();
  /// The members of an object, as JsonLines::read hands them out.
  void members(const TakeMember& take, std::string_view what, MemberNames names);
  [[nodiscard]] double number();
  /// true counts as 1, false as 0.
  [[nodiscard]] std::int64_t wholeNumberOrBool();

 private:
  [[noreturn]] void refuse(const std::string& wanted);

  std::string_view name_;
  simdjson::ondemand::value value_;
};

/// Reads lines that hold one JSON object each. Used by one thread at a time.
class JsonLines {
 public:
  /// Reads the object in `line` (whose capacity may grow) and hands each member to `take`. `what` and `names` describe the object in
  /// messages. Throws LineError.
  void read(std::string& line, const TakeMember& take, std::string_view what, MemberNames names);
  /// A copy that read() takes without growing it.
  [[nodiscard]] static std::string copyOf(std::string_view line);

 private:
  simdjson::ondemand::parser parser_;
};

}  // namespace qbatch::codec
