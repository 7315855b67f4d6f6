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

/// Where the host begins in a target that is a whole URL; 0 where it is none, or one of another protocol.
std::size_t urlAuthority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    const auto next = target.substr(0, scheme.size() + 1);
    if (next.size() > scheme.size() && next.back() != '/' && next.back() != '?' && lowerCase(next).starts_with(scheme))
      return scheme.size();
  }
  return 0;
}

}  // namespace

const std::string* RequestHead::field(std::string_view name) const noexcept {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& entry) { return entry.first == name; });
  return found == fields.end() ? nullptr : &found->second;
}

std::size_t RequestHead::count(std::string_view name) const noexcept {
  return static_cast<std::size_t>(std::count_if(fields.begin(), fields.end(), [&](const auto& entry) { return entry.first == name; }));
}

TargetParts splitTarget(std::string_view target) {
  TargetParts parts;
  if (const auto begin = urlAuthority(target); begin > 0) {
    target.remove_prefix(begin);
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
