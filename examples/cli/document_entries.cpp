#include "document_entries.hpp"

#include <algorithm>
#include <vector>

#include "json_values.hpp"
#include "numbers.hpp"
#include "qbatch/payload.hpp"

namespace cli {

void forEachError(std::string_view errors, const std::function<Place(std::size_t)>& placeOf, const Wordings& wordings,
                  const std::function<void(DocumentEntry)>& take) {
  forEachElement(errors, [&](std::string_view json) {
    std::vector<std::pair<std::string, std::string>> members;
    forEachMember(json, [&](std::string_view name, std::string_view value) { members.emplace_back(name, value); });
    const auto member = [&](std::string_view name) -> std::string& {
      return std::find_if(members.begin(), members.end(), [&](const auto& one) { return one.first == name; })->second;
    };
    const auto index = static_cast<std::size_t>(readWholeNumber(member("index")).value());
    const Place place = placeOf(index);
    member("index") = std::to_string(place.index);
    if (const auto worded = wordings.find(index); worded != wordings.end()) member("error") = jsonString(worded->second);
    if (place.line > 0) members.emplace_back("line", std::to_string(place.line));
    std::string entry;
    for (const auto& [name, value] : members) entry += (entry.empty() ? "{\"" : ",\"") + name + "\":" + value;
    take({place.index, entry + "}"});
  });
}

DocumentEntry errorOf(const RejectedLine& rejected, std::string_view echo) {
  const auto& [place, problem] = rejected;
  qbatch::Payload entry;
  if (!echo.empty()) entry.set(echo, nullptr);
  entry.set("error", std::string_view(problem)).set("index", place.index).set("id", nullptr);
  entry.set("outcome", "rejected").set("line", place.line);
  return {place.index, std::string(entry.json())};
}

}  // namespace cli
