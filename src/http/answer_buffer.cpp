#include "http/answer_buffer.hpp"

#include <algorithm>
#include <utility>

namespace qbatch::http {
namespace {

// A length that a server announces is only a word: no more memory than this is had before bytes have come.
constexpr std::size_t mostReserved = 1u << 20;

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// "HTTP/1.1 100 Continue" and the like: the answer itself is still to come.
bool isInterim(std::string_view statusLine) noexcept {
  const auto space = statusLine.find(' ');
  return space != std::string_view::npos && statusLine.substr(space + 1).starts_with('1');
}

}  // namespace

void AnswerBuffer::begin(std::size_t maxBodyBytes) {
  headers_.clear();
  body_.clear();
  headerBytes_ = 0;
  maxBodyBytes_ = maxBodyBytes;
  interim_ = wholeHead_ = false;
  excess_ = Excess::none;
}

bool AnswerBuffer::addHeaderLine(std::string_view line) {
  headerBytes_ += line.size();
  if (headerBytes_ > maxHeaderBytes) {
    excess_ = Excess::headers;
    return false;
  }
  if (line.starts_with("HTTP/")) {
    headers_.clear();
    interim_ = isInterim(line);
    wholeHead_ = false;
    return true;
  }
  if (trimmed(line).empty()) {
    wholeHead_ = wholeHead_ || !interim_;
    return true;
  }
  if ((line.starts_with(' ') || line.starts_with('\t')) && !headers_.empty()) {
    // A line that goes on with the one before.
    headers_.back().value.append(" ").append(trimmed(line));
    return true;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return true;  // nothing that could be used
  headers_.push_back(Header{std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
  return true;
}

bool AnswerBuffer::addBody(std::string_view bytes, std::size_t announced) {
  if (bytes.size() > maxBodyBytes_ - body_.size() || announced > maxBodyBytes_) {
    excess_ = Excess::body;
    std::string().swap(body_);
    return false;
  }
  const auto wanted = body_.empty() ? std::max(bytes.size(), std::min(announced, mostReserved)) : body_.size() + bytes.size();
  if (wanted + padding > body_.capacity()) body_.reserve(std::max(wanted + padding, 2 * body_.capacity()));
  body_.append(bytes);
  return true;
}

std::vector<Header> AnswerBuffer::takeHeaders() noexcept { return std::exchange(headers_, {}); }

std::string AnswerBuffer::takeBody() {
  body_.reserve(body_.size() + padding);
  return std::exchange(body_, {});
}

}  // namespace qbatch::http
