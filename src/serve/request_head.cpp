#include "serve/request_head.hpp"

#include <algorithm>

namespace qbatch::serve {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// What stands before the separator; `rest` keeps what follows it.
std::string_view takeUntil(std::string_view& rest, char separator) noexcept {
  const auto end = std::min(rest.find(separator), rest.size());
  const auto part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(part);
}

/// "q=0", "q=0.000": not acceptable.
bool forbidden(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto parameter = lowerCase(takeUntil(parameters, ';'));
    if (parameter.starts_with("q=0") && parameter.find_first_not_of("0.", 2) == std::string::npos) return true;
  }
  return false;
}

}  // namespace

const std::string* RequestHead::field(std::string_view name) const noexcept {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& entry) { return entry.first == name; });
  return found == fields.end() ? nullptr : &found->second;
}

std::size_t RequestHead::count(std::string_view name) const noexcept {
  return static_cast<std::size_t>(std::count_if(fields.begin(), fields.end(), [&](const auto& entry) { return entry.first == name; }));
}

TargetParts splitTarget(std::string_view target) noexcept {
  TargetParts parts;
  const auto scheme = target.find("://");
  if (scheme != std::string_view::npos && scheme < target.find_first_of("/?")) {
    target.remove_prefix(scheme + 3);
    const auto end = std::min(target.find_first_of("/?"), target.size());
    parts.authority = target.substr(0, end);
    target.remove_prefix(end);
    if (!target.starts_with('/')) parts.path = "/";
  }
  const auto question = std::min(target.find('?'), target.size());
  if (question > 0) parts.path = target.substr(0, question);
  if (question < target.size()) parts.query = target.substr(question + 1);
  return parts;
}

std::string lowerCase(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool acceptsGzip(const RequestHead& head) {
  const auto* accepted = head.field("accept-encoding");
  if (accepted == nullptr) return false;
  bool everything = false;
  for (std::string_view rest = *accepted; !rest.empty();) {
    std::string_view parameters = takeUntil(rest, ',');
    const auto coding = lowerCase(takeUntil(parameters, ';'));
    if (coding == "gzip" || coding == "x-gzip") return !forbidden(parameters);
    if (coding == "*") everything = !forbidden(parameters);
  }
  return everything;
}

bool isGzipped(const RequestHead& head) {
  const auto* coding = head.field("content-encoding");
  if (coding == nullptr) return false;
  const auto name = lowerCase(*coding);
  return name == "gzip" || name == "x-gzip";
}

}  // namespace qbatch::serve
