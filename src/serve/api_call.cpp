#include "serve/api_call.hpp"

#include <fmt/core.h>

#include <array>
#include <optional>
#include <utility>

#include "codec/json_writer.hpp"
#include "codec/utf8.hpp"
#include "local/body_errors.hpp"

namespace qbatch::serve {
namespace {

int hexValue(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

/// nullopt where the text is no encoding of UTF-8.
std::optional<std::string> decoded(std::string_view text, bool plusIsSpace) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plusIsSpace) {
      result += ' ';
    } else if (text[i] != '%') {
      result += text[i];
    } else {
      const int high = i + 2 < text.size() ? hexValue(text[i + 1]) : -1, low = i + 2 < text.size() ? hexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      result += static_cast<char>(16 * high + low);
      i += 2;
    }
  }
  if (codec::findInvalidUtf8(result)) return std::nullopt;
  return result;
}

/// The parts between separators; empty ones are left out.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

RequestError badQuery(std::string_view words) {
  return local::refusal(422, fmt::format("Validation error in query parameters: [{}]", words));
}

/// Absent parameters have the usual value.
std::string parameter(const ApiCall& call, const std::string& name, std::string usual) {
  const auto found = call.query.find(name);
  return found == call.query.end() ? std::move(usual) : found->second;
}

}  // namespace

std::optional<ApiCall> ApiCall::of(HttpRequest request) {
  ApiCall call;
  call.method = std::move(request.method);
  call.body = std::move(request.body);
  for (const std::string_view part : split(request.path, '/')) {
    auto segment = decoded(part, false);
    if (!segment) return std::nullopt;
    call.path.push_back(std::move(*segment));
  }
  for (const std::string_view part : split(request.query, '&')) {
    const auto equals = std::min(part.find('='), part.size());
    auto name = decoded(part.substr(0, equals), true);
    auto value = decoded(part.substr(std::min(equals + 1, part.size())), true);
    if (!name || !value) return std::nullopt;
    call.query.insert_or_assign(std::move(*name), std::move(*value));
  }
  return call;
}

bool ApiCall::is(std::string_view route) const {
  const auto space = route.find(' ');
  if (route.substr(0, space) != method) return false;
  const auto parts = split(route.substr(space + 1), '/');
  if (parts.size() != path.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] != "*" && parts[i] != path[i]) return false;
  }
  return true;
}

bool waitsFor(const ApiCall& call) {
  const std::string wait = parameter(call, "wait", "false");
  if (wait != "true" && wait != "false")
    throw local::refusal(400, "Format error in query parameters: provided string was not `true` or `false`");
  const std::string ordering = parameter(call, "ordering", "weak");
  if (ordering != "weak" && ordering != "medium" && ordering != "strong") {
    throw local::refusal(
        400, fmt::format("Format error in query parameters: unknown variant `{}`, expected one of `weak`, `medium`, `strong`", ordering));
  }
  const std::string timeout = parameter(call, "timeout", "60");
  if (timeout.empty() || timeout.find_first_not_of("0123456789") != std::string::npos)
    throw local::refusal(400, "Format error in query parameters: invalid digit found in string");
  if (timeout.find_first_not_of('0') == std::string::npos) throw badQuery("timeout: value 0 invalid, must be 1 or larger");
  return wait == "true";
}

std::string AnswerClock::seconds() const {
  std::string text;
  codec::appendDouble(text, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count());
  return text;
}

HttpResponse AnswerClock::ok(std::string_view result) const {
  HttpResponse response;
  response.body.reserve(result.size() + 64);
  response.body += "{\"result\":";
  response.body += result;
  response.body += ",\"status\":\"ok\",\"time\":";
  response.body += seconds();
  response.body += '}';
  return response;
}

HttpResponse AnswerClock::failed(const Error& error) const {
  HttpResponse response;
  const auto code = error.code();
  response.status = error.httpStatus() != 0 ? error.httpStatus() : code == make_error_code(Errc::storageFull) ? 507 : 500;
  const std::string words =
      error.serverMessage().empty() ? fmt::format("Service internal error: {}", error.message()) : error.serverMessage();
  response.body = "{\"status\":{\"error\":";
  codec::appendAnyString(response.body, words);
  response.body += "},\"time\":" + seconds() + "}";
  return response;
}

}  // namespace qbatch::serve
