#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qbatch/options.hpp"

namespace service {

/// One member of a body's object: its value as the wanted kind, or a Refusal (400) that names it.
class BodyMember {
 public:
  /// `json` is valid JSON and stands in the body at `place`.
  BodyMember(std::string name, std::string_view json, std::size_t place) : name_(std::move(name)), json_(json), place_(place) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// The value as it stands in the body.
  [[nodiscard]] std::string_view json() const noexcept { return json_; }
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::size_t wholeNumber() const;
  [[nodiscard]] double number() const;
  [[nodiscard]] bool flag() const;
  /// Calls `read` with the value's JSON; a ParseError becomes a Refusal with the place in the body.
  void parse(const std::function<void(std::string_view json)>& read) const;
  /// The elements of an array. Throws Refusal (413) for more than `most`.
  [[nodiscard]] std::vector<BodyMember> elements(std::size_t most) const;
  [[noreturn]] void refuse(const std::string& wanted) const;

 private:
  std::string name_;
  std::string_view json_;
  std::size_t place_;  // of the value, in the body
};

/// Hands each member of the body's object to `take`, which returns false for one that it does not know; `names` are those it knows.
void readBody(std::string_view body, std::initializer_list<std::string_view> names, const std::function<bool(const BodyMember&)>& take);

// What a request says beside its items. False: it is no such option.
[[nodiscard]] bool takeOption(qbatch::StoreOptions& options, const BodyMember& member);
[[nodiscard]] bool takeOption(qbatch::SearchOptions& options, const BodyMember& member);
[[nodiscard]] bool takeOption(qbatch::UpdateOptions& options, const BodyMember& member);

}  // namespace service
