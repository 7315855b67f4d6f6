#include "router.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "answers.hpp"
#include "query_text.hpp"

namespace service {
namespace {

constexpr std::array table{
    Route{"POST", "/batch/store/patterns", storePatterns},
    Route{"POST", "/batch/search/patterns", searchPatterns},
    Route{"POST", "/batch/update/metrics", updateMetrics, false},
    Route{"POST", "/batch/delete/patterns", deletePatterns, false},
    Route{"POST", "/batch/collections", changeCollections, false},
    Route{"GET", "/batch/collections", listCollections},
    Route{"POST", "/patterns/code", storePattern},
    Route{"POST", "/patterns/search", searchOnce},
    Route{"POST", "/patterns/{id}/metrics", updatePatternById, false},
    Route{"GET", "/patterns/{id}", readPatternById},
    Route{"DELETE", "/patterns/{id}", deletePatternById},
    Route{"GET", "/healthz", tellHealth},
    Route{"GET", "/readyz", tellReadiness},
    Route{"GET", "/metrics", tellFigures},
    Route{"GET", "/openapi.json", tellInterface},
    Route{"GET", "/", tellName},
};

std::string_view takeSegment(std::string_view& path) noexcept {
  path.remove_prefix(1);
  const auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

/// What stands for the pattern's names, as sent; nullopt where the path is another one.
std::optional<std::vector<std::string_view>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string_view> values;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = takeSegment(pattern), given = takeSegment(path);
    if (wanted.starts_with('{') && !given.empty()) {
      values.push_back(given);
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return values;
}

/// A fixed address goes before one with names: /patterns/code is no id.
bool isFixed(const Route& route) noexcept { return route.pattern.find('{') == std::string_view::npos; }

bool isJson(const std::string* contentType) {
  if (contentType == nullptr) return false;
  auto type = contentType->substr(0, contentType->find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return type == "application/json";
}

/// HEAD is answered as GET, without the body.
bool serves(const Route& route, std::string_view method) noexcept {
  return route.method == method || (method == "HEAD" && route.method == "GET");
}

qbatch::HttpResponse notAllowed(const std::vector<const Route*>& there) {
  std::string allow;
  for (const auto* route : there) {
    allow += (allow.empty() ? "" : ", ") + std::string(route->method);
    if (route->method == "GET") allow += ", HEAD";
  }
  auto response = errorAnswer(405, "this address takes " + allow);
  response.headers.emplace_back("allow", allow);
  return response;
}

}  // namespace

std::span<const Route> routes() noexcept { return table; }

Destination find(const qbatch::HttpRequest& request) {
  std::vector<const Route*> there;
  std::vector<std::vector<std::string_view>> values;
  for (const auto& route : table) {
    auto found = match(route.pattern, request.path);
    if (!found) continue;
    const bool better = !there.empty() && isFixed(route) && !isFixed(*there.front());
    if (better) there.clear(), values.clear();
    if (!there.empty() && isFixed(*there.front()) != isFixed(route)) continue;
    there.push_back(&route);
    values.push_back(std::move(*found));
  }
  if (there.empty()) return {.refusal = errorAnswer(404, "there is no such address; /openapi.json describes those there are")};
  const auto route = std::find_if(there.begin(), there.end(), [&](const Route* one) { return serves(*one, request.method); });
  if (route == there.end()) return {.refusal = notAllowed(there)};
  if (request.method == "POST" && !isJson(request.header("content-type")))
    return {.refusal = errorAnswer(415, "send the body as JSON, with the header Content-Type: application/json")};
  if (request.method != "POST" && !request.body.empty())
    return {.refusal = errorAnswer(400, "this request takes no body; what it is about stands in its address")};
  Destination destination{.route = *route};
  for (const auto& value : values[static_cast<std::size_t>(route - there.begin())]) {
    const auto plain = percentDecoded(value);
    if (!plain) return {.refusal = errorAnswer(400, "the address is not percent-encoded as it should be")};
    destination.parameters.push_back(*plain);
  }
  return destination;
}

std::string_view patternOf(std::string_view path) noexcept {
  std::string_view best = "other";
  if (!path.starts_with('/')) return best;
  for (const auto& route : table) {
    if (!match(route.pattern, path)) continue;
    if (isFixed(route)) return route.pattern;
    best = route.pattern;
  }
  return best;
}

}  // namespace service
