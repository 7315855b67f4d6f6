#include "support/faulty_history.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "local/json_tree.hpp"

namespace qbatch::test {

namespace {

std::string_view nameOf(Author author) {
  constexpr std::array<std::string_view, 3> names{"before", "ours", "other"};
  return names[static_cast<std::size_t>(author)];
}

std::string_view nameOf(Heard heard) {
  constexpr std::array<std::string_view, 5> names{"nothing", "surely not", "refused", "in the log", "carried out"};
  return names[static_cast<std::size_t>(heard)];
}

double lengthOf(const std::vector<float>& vector) {
  double sum = 0;
  for (const float value : vector) sum += double(value) * double(value);
  return std::sqrt(sum);
}

}  // namespace

std::string contentOf(std::string_view payload) {
  const auto object = codec::JsonObject::parse(payload);
  std::map<std::string, std::string> members;
  for (const auto& [name, raw] : object.members()) {
    const bool metric = name == "usage_count" || name == "success_rate" || name == "last_used";
    if (!metric && !name.starts_with("_qbatch")) members[name] = local::JsonTree::parse(raw).text();
  }
  std::string text;
  for (const auto& [name, raw] : members) text += (text.empty() ? "" : ", ") + name + ": " + raw;
  return text;
}

bool sameVector(const std::vector<float>& a, const std::vector<float>& b, bool normalised) {
  if (a.size() != b.size()) return false;
  const double lengthA = normalised ? lengthOf(a) : 1, lengthB = normalised ? lengthOf(b) : 1;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::abs(double(a[i]) / lengthA - double(b[i]) / lengthB) > 1e-5) return false;
  return true;
}

bool someMemberDiffers(const Content& read, const Content& now) {
  const auto object = codec::JsonObject::parse(read.payload);
  return std::any_of(object.members().begin(), object.members().end(), [&](const auto& member) {
    const auto kind = codec::kindName(member.second);
    return kind != "array" && kind != "object" && memberOf(read, member.first) != memberOf(now, member.first);
  });
}

std::string memberOf(const Content& content, std::string_view member) {
  const auto object = codec::JsonObject::parse(content.payload);
  const auto* raw = object.find(member);
  return raw == nullptr || *raw == "null" ? std::string() : *raw;
}

std::string PointHistory::text() const {
  std::vector<std::pair<std::size_t, std::string>> lines;
  for (const auto& state : states) {
    auto line = "holds (" + std::string(nameOf(state.author));
    if (state.request != 0) line += ", request " + std::to_string(state.request);
    lines.emplace_back(state.at, line + ") " + (state.content ? state.content->payload : "nothing"));
  }
  for (const auto& attempt : attempts)
    lines.emplace_back(attempt.at, "attempt by request " + std::to_string(attempt.request) + (attempt.alone ? " alone" : "") +
                                       ", heard: " + std::string(nameOf(attempt.heard)));
  for (const auto time : reads) lines.emplace_back(time, "read");
  std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [at, line] : lines) text += "\n    " + std::to_string(at) + ": " + line;
  return text;
}

}  // namespace qbatch::test
