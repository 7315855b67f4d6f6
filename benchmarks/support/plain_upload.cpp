#include "support/plain_upload.hpp"

#include <array>
#include <atomic>
#include <charconv>
#include <future>
#include <span>

#include "support/plain_client.hpp"

namespace bench {
namespace {

void appendNumber(std::string& out, auto number) {
  std::array<char, 32> text{};
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr);
}

void appendText(std::string& out, const std::string& text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void writeBody(std::string& out, std::span<const qbatch::Pattern> patterns) {
  out = "{\"points\":[";
  for (const auto& pattern : patterns) {
    if (&pattern != patterns.data()) out += ',';
    out += "{\"id\":";
    appendNumber(out, pattern.id->number());
    out += ",\"vector\":[";
    for (const float value : pattern.vector) {
      appendNumber(out, value);
      out += ',';
    }
    out.back() = ']';
    out += ",\"payload\":{\"description\":";
    appendText(out, pattern.description);
    out += "}}";
  }
  out += "]}";
}

}  // namespace

void plainUpload(const std::vector<qbatch::Pattern>& patterns, std::size_t perRequest, std::size_t connections, const std::string& url,
                 const std::string& collection) {
  std::atomic<std::size_t> next{0};
  std::vector<std::future<void>> threads;
  for (std::size_t i = 0; i < connections; ++i)
    threads.push_back(std::async(std::launch::async, [&] {
      PlainClient client(url);
      std::string body;
      for (auto first = perRequest * next++; first < patterns.size(); first = perRequest * next++) {
        writeBody(body, std::span(patterns).subspan(first, perRequest));
        static_cast<void>(client.send("PUT", "/collections/" + collection + "/points?wait=true", body));
      }
    }));
  for (auto& thread : threads) thread.get();
}

}  // namespace bench
