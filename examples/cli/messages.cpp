#include "messages.hpp"

#include <cstddef>
#include <cstdio>
#include <mutex>
#include <utility>

namespace cli {
namespace {

const char* programName = "qbatch";
std::mutex mutex;
std::function<void(std::string_view lines)> writeComplaint;

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t index = 0; index < text.size(); ++index) {
    const auto byte = static_cast<unsigned char>(text[index]);
    const auto next = index + 1 < text.size() ? static_cast<unsigned char>(text[index + 1]) : 0u;
    // U+0080 to U+009F are control characters, too: C2 80 to C2 9F in UTF-8.
    const bool wideControl = byte == 0xC2 && next >= 0x80 && next <= 0x9F;
    if (wideControl) ++index;
    result += wideControl || byte < 0x20 || byte == 0x7F ? ' ' : text[index];
  }
  return result;
}

std::string inOptions(std::string text) {
  constexpr std::pair<std::string_view, std::string_view> words[] = {{"allowOtherEmbedder", "--allow-other-embedder"},
                                                                     {"allowKeyOverPlainHttp", "--allow-key-over-plain-http"},
                                                                     {"tls.caFile", "--ca-file"},
                                                                     {"set url to", "set --url to"},
                                                                     {"lastUsed", "last_used"},
                                                                     {"checkpoint:", "--checkpoint:"},
                                                                     {"deadLetters:", "--dead-letter:"},
                                                                     {"flow.maxBufferedBytes", "--memory"},
                                                                     {"flow.maxInFlight", "--concurrency"},
                                                                     {"chunk.maxItems", "--batch"},
                                                                     {"chunk.maxBytes", "--request-bytes"},
                                                                     {"limits.store, which is", "the most that a request may carry,"},
                                                                     {"lower it or raise the limit", "lower it"}};
  for (const auto& [name, option] : words) {
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + option.size())) {
      const bool already = at > 0 && text[at - 1] == '-';
      if (!already) text.replace(at, name.size(), option);
    }
  }
  return text;
}

std::vector<std::string> inListenOptions(std::vector<std::string> problems, const std::string& key) {
  const auto replace = [](std::string& text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
  };
  for (auto& problem : problems) {
    if (problem.starts_with("host:")) problem.replace(0, 4, "--listen");
    replace(problem, "allowUnprotected", "--allow-unprotected");
    replace(problem, "apiKey", key);
  }
  return problems;
}

std::string wordsOf(const qbatch::Error& error) { return error.message().empty() ? error.code().message() : error.message(); }

void complainThrough(std::function<void(std::string_view lines)> write) {
  const std::lock_guard lock(mutex);
  writeComplaint = std::move(write);
}

void complainAs(const char* program) noexcept { programName = program; }

void complain(std::string_view given) {
  const std::string said = inOptions(std::string(given));
  std::string_view text = said;
  std::string lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    if (!line.empty()) lines += std::string(programName) + ": " + printable(line) + "\n";
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  const std::lock_guard lock(mutex);
  if (writeComplaint) return writeComplaint(lines);
  std::fwrite(lines.data(), 1, lines.size(), stderr);
}

}  // namespace cli
