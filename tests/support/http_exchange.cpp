#include "support/http_exchange.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace qbatch::test {
namespace {

std::string lowered(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

/// The part before `mark`, which is taken off `text` with it; the whole where there is no `mark`.
std::string_view takeUntil(std::string_view& text, std::string_view mark) {
  const auto at = text.find(mark);
  const auto part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + mark.size());
  return part;
}

void parseQuery(std::string_view text, std::map<std::string, std::string>& query) {
  while (!text.empty()) {
    std::string_view value = takeUntil(text, "&");
    const auto name = takeUntil(value, "=");
    if (!name.empty()) query[percentDecoded(name)] = percentDecoded(value);
  }
}

bool has(const HttpHeaders& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) { return lowered(header.first) == name; });
}

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 413:
      return "Payload Too Large";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Other";
  }
}

std::string chunksOf(const std::string& body) {
  constexpr std::size_t most = 1000;
  std::string bytes;
  for (std::size_t at = 0; at < body.size(); at += most) {
    const auto size = std::min(most, body.size() - at);
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, size, 16).ptr;
    bytes.append(digits, end).append("\r\n").append(body, at, size).append("\r\n");
  }
  return bytes + "0\r\n\r\n";
}

}  // namespace

const std::string* Exchange::header(std::string_view name) const noexcept {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) { return header.first == name; });
  return found == headers.end() ? nullptr : &found->second;
}

HttpStep cutOnAccept(Cut cut) {
  HttpFault fault;
  fault.onAccept = cut;
  return fault;
}

HttpStep handledThenCut(Cut cut) {
  HttpFault fault;
  fault.noAnswer = true;
  fault.cut = cut;
  return fault;
}

HttpStep handledThenAnswered(HttpAnswer answer) {
  HttpFault fault = answer.fault;
  return {std::move(fault), std::move(answer), true};
}

HttpStep answeredLate(std::chrono::milliseconds delay) {
  HttpFault fault;
  fault.delay = delay;
  return fault;
}

HttpStep answeredInPart(std::size_t bytes, Cut cut) {
  HttpFault fault;
  fault.sendBytes = bytes;
  fault.cut = cut;
  return fault;
}

std::string percentDecoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(&text[i + 1], &text[i + 1] + 2, byte, 16).ptr == &text[i + 1] + 2) {
      result += static_cast<char>(byte);
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

std::optional<Exchange> parseHead(std::string_view head) {
  std::string_view line = takeUntil(head, "\r\n");
  Exchange exchange;
  exchange.method = takeUntil(line, " ");
  exchange.target = takeUntil(line, " ");
  if (exchange.method.empty() || exchange.target.empty() || (line != "HTTP/1.1" && line != "HTTP/1.0")) return std::nullopt;
  std::string_view target = exchange.target;
  exchange.path = takeUntil(target, "?");
  parseQuery(target, exchange.query);
  for (line = takeUntil(head, "\r\n"); !line.empty(); line = takeUntil(head, "\r\n")) {
    if (line.find(':') == std::string_view::npos) return std::nullopt;
    const auto name = takeUntil(line, ":");
    exchange.headers.emplace_back(lowered(trimmed(name)), trimmed(line));
  }
  return exchange;
}

std::string answerBytes(const HttpAnswer& answer, bool withBody, bool closes) {
  std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string(reason(answer.status)) + "\r\n";
  for (const auto& [name, value] : answer.headers) bytes += name + ": " + value + "\r\n";
  if (!has(answer.headers, "content-type")) bytes += "Content-Type: application/json\r\n";
  if (answer.chunked) {
    bytes += "Transfer-Encoding: chunked\r\n";
  } else if (!has(answer.headers, "content-length")) {
    bytes += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  }
  if (closes) bytes += "Connection: close\r\n";
  bytes += "\r\n";
  if (withBody) bytes += answer.chunked ? chunksOf(answer.body) : answer.body;
  return bytes;
}

}  // namespace qbatch::test
