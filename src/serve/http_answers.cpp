#include "serve/http_answers.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "codec/json_writer.hpp"
#include "serve/request_head.hpp"

namespace qbatch::serve {
namespace {

constexpr std::pair<int, std::string_view> reasons[] = {
    {200, "OK"},
    {202, "Accepted"},
    {201, "Created"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Entity"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {507, "Insufficient Storage"},
};

std::string_view reasonOf(int status) noexcept {
  const auto* found = std::find_if(std::begin(reasons), std::end(reasons), [&](const auto& entry) { return entry.first == status; });
  return found == std::end(reasons) ? "Answer" : found->second;
}

bool hasControl(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; });
}

bool maySend(std::string_view name, std::string_view value, const AnswerTraits& traits) {
  if (!isToken(name) || hasControl(value)) return false;
  const auto lower = lowerCase(name);
  return !isServersOwn(lower) && lower != traits.idHeader;
}

}  // namespace

HttpResponse errorAnswer(int status, std::string_view message) {
  HttpResponse answer{.status = status};
  answer.body = "{\"status\":{\"error\":";
  codec::appendAnyString(answer.body, message);
  answer.body += "},\"time\":0.0}";
  return answer;
}

HttpResponse textAnswer(int status, std::string_view text) {
  return {.status = status, .contentType = "text/plain; charset=utf-8", .body = std::string(text)};
}

bool isFinal(int status) noexcept { return status >= 200 && status <= 599; }

bool mayHaveBody(int status) noexcept { return status != 204 && status != 304; }

bool isToken(std::string_view text) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
  });
}

bool isServersOwn(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 6> own{"content-length", "content-type", "transfer-encoding",
                                                "trailer",        "connection",   "keep-alive"};
  return std::find(own.begin(), own.end(), name) != own.end();
}

std::string answerHead(const HttpResponse& answer, const AnswerTraits& traits) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, reasonOf(answer.status));
  // RFC 9110, 8.6: a 204 has no length; that of a 304 would have to be the one that a 200 has.
  if (mayHaveBody(answer.status)) {
    head += fmt::format("content-length: {}\r\n", answer.body.size());
    if (!answer.body.empty() && !answer.contentType.empty() && !hasControl(answer.contentType)) {
      head += fmt::format("content-type: {}\r\n", answer.contentType);
    }
  }
  if (traits.gzipped) head += "content-encoding: gzip\r\nvary: accept-encoding\r\n";
  if (!traits.keepAlive) {
    head += "connection: close\r\n";
  } else if (traits.oldProtocol) {
    head += "connection: keep-alive\r\n";
  }
  if (!traits.id.empty()) head += fmt::format("{}: {}\r\n", traits.idHeader, traits.id);
  for (const auto& [name, value] : answer.headers) {
    if (maySend(name, value, traits)) head += fmt::format("{}: {}\r\n", name, value);
  }
  return head + "\r\n";
}

}  // namespace qbatch::serve
