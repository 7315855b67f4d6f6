#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/point_id.hpp"

namespace cli {

/// Calls `take` with each member of a JSON object, the value as its own text. `object` must be valid JSON.
void forEachMember(std::string_view object, const std::function<void(std::string_view name, std::string_view json)>& take);
/// Calls `take` with each element of a JSON array, as its own text. `array` must be valid JSON.
void forEachElement(std::string_view array, const std::function<void(std::string_view json)>& take);
/// The text as a JSON string with its quotes. Of what is not UTF-8, as a file's name may be, only ASCII is kept.
[[nodiscard]] std::string jsonString(std::string_view text);
/// The texts as a JSON array.
[[nodiscard]] std::string jsonStrings(const std::vector<std::string>& texts);
/// An id as JSON: a number, or a string with a UUID.
[[nodiscard]] std::string jsonId(const qbatch::PointId& id);
/// The sum of two JSON values, member by member: numbers are added, a member that only one has is kept, and of other kinds the first
/// stands.
[[nodiscard]] std::string sumOf(std::string_view first, std::string_view second);

}  // namespace cli
