#pragma once
#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "qbatch/http_server.hpp"
#include "serve/refusal.hpp"
#include "serve/request_head.hpp"

// A part of http_session.cpp, which alone includes it.
namespace qbatch::serve {

inline std::string_view viewOf(boost::beast::string_view text) noexcept { return {text.data(), text.size()}; }

/// Beast's parser, but for what it forgives: it refuses folded headers, which others may read otherwise, and control characters in what
/// follows a chunk's size, and keeps trailers out of the head, which was looked at before they came.
class RequestParser final : public boost::beast::http::request_parser<boost::beast::http::string_body> {
 public:
  RequestParser() { on_chunk_header(onChunk_); }

 private:
  void on_field_impl(boost::beast::http::field name, boost::beast::string_view words, boost::beast::string_view value,
                     boost::system::error_code& error) override {
    // A value that was folded does not stand where it begins, but in another place, put together. The head's end is further on.
    const char* begin = words.data() + words.size() + 1;
    while (*begin == ' ' || *begin == '\t') ++begin;
    if (begin != value.data()) {
      error = boost::beast::http::error::bad_value;
    } else if (!is_header_done()) {
      get().insert(name, words, value);
    }
  }

  std::function<void(std::uint64_t, boost::beast::string_view, boost::system::error_code&)> onChunk_ =
      [](std::uint64_t, boost::beast::string_view extensions, boost::system::error_code& error) {
        const auto isControl = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 127; };
        if (std::any_of(extensions.begin(), extensions.end(), isControl)) error = boost::beast::http::error::bad_chunk_extension;
      };
};

inline RequestHead headOf(const RequestParser& parser) {
  const auto& message = parser.get();
  RequestHead head;
  head.method = std::string(viewOf(message.method_string()));
  head.target = std::string(viewOf(message.target()));
  head.oldProtocol = message.version() < 11;
  head.keepAlive = parser.keep_alive();
  head.chunked = parser.chunked();
  if (const auto length = parser.content_length()) head.contentLength = *length;
  for (const auto& field : message) head.fields.emplace_back(lowerCase(viewOf(field.name_string())), trimmed(viewOf(field.value())));
  return head;
}

/// What the parser did not take. `inBody`: the head was whole.
inline Refusal refusalOf(const boost::system::error_code& error, bool inBody, const HttpServerOptions& options) {
  if (error == boost::beast::http::error::body_limit) return grownTooLarge(options.maxBodyBytes);
  if (error == boost::beast::http::error::header_limit || error == boost::beast::http::error::buffer_overflow) {
    if (inBody) return {431, "Malformed request: a chunk's first line or the trailers are too large"};
    return {431, "Malformed request: its head is larger than " + std::to_string(options.maxHeadBytes) + " bytes"};
  }
  if (error == boost::beast::http::error::partial_message) return {400, "Malformed request: the connection ended within it"};
  return {400, "Malformed request: " + error.message()};
}

}  // namespace qbatch::serve
