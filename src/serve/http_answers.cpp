#include "serve/http_answers.hpp"

#include <fmt/core.h>

#include "codec/json_writer.hpp"

namespace qbatch::serve {
namespace {

std::string_view reasonOf(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Entity";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 507:
      return "Insufficient Storage";
    default:
      return "Answer";
  }
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

HttpResponse announcedTooLarge(std::uint64_t bytes, std::size_t limit) {
  return errorAnswer(400, fmt::format("Payload error: JSON payload ({} bytes) is larger than allowed (limit: {} bytes).", bytes, limit));
}

HttpResponse grownTooLarge(std::size_t limit) {
  return errorAnswer(400, fmt::format("Payload error: JSON payload has exceeded limit ({} bytes).", limit));
}

std::string answerHead(const HttpResponse& answer, const AnswerTraits& traits) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\ncontent-length: {}\r\n", answer.status, reasonOf(answer.status), answer.body.size());
  if (!answer.body.empty() && !answer.contentType.empty()) head += fmt::format("content-type: {}\r\n", answer.contentType);
  if (traits.gzipped) head += "content-encoding: gzip\r\nvary: accept-encoding\r\n";
  if (!traits.keepAlive) {
    head += "connection: close\r\n";
  } else if (traits.oldProtocol) {
    head += "connection: keep-alive\r\n";
  }
  return head + "\r\n";
}

}  // namespace qbatch::serve
