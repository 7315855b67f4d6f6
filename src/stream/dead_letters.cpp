#include "stream/dead_letters.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>
#include <system_error>

#include "codec/float_text.hpp"
#include "codec/json_check.hpp"
#include "codec/json_object.hpp"
#include "codec/json_walk.hpp"
#include "codec/json_writer.hpp"
#include "stream/item_hash.hpp"

namespace qbatch::stream {
namespace {

constexpr std::string_view beginOfLetter = "{\"index\":";

void appendNotFinite(std::string& out, float value) {
  out += std::isnan(value) ? "\"NaN\"," : value > 0 ? "\"Infinity\"," : "\"-Infinity\",";
}

void appendVector(std::string& out, std::span<const float> vector) {
  const std::size_t begin = out.size();
  if (std::all_of(vector.begin(), vector.end(), [](float value) { return std::isfinite(value); })) {
    out.resize(begin + vector.size() * codec::longestFloat);
    out.resize(static_cast<std::size_t>(codec::writeFloats(out.data() + begin, vector) - out.data()));
  } else {
    for (const float value : vector) {
      if (!std::isfinite(value)) {
        appendNotFinite(out, value);
        continue;
      }
      const std::size_t size = out.size();
      out.resize(size + codec::longestFloat);
      out.resize(static_cast<std::size_t>(codec::writeFloat(out.data() + size, value) - out.data()));
      out += ',';
    }
  }
  out.back() = ']';
}

void appendPattern(std::string& out, const Pattern& pattern) {
  out += "{\"description\":";
  codec::appendAnyString(out, pattern.description);
  out += ",\"code\":";
  codec::appendAnyString(out, pattern.code);
  out += ",\"language\":";
  codec::appendAnyString(out, pattern.language);
  if (!pattern.metadata.empty()) {
    out += ",\"metadata\":";
    out += pattern.metadata.json();
  }
  if (pattern.id) {
    out += ",\"id\":";
    if (pattern.id->isNumber()) {
      codec::appendUnsigned(out, pattern.id->number());
    } else {
      codec::appendString(out, pattern.id->toString());
    }
  }
  if (!pattern.vector.empty()) {
    out += ",\"vector\":[";
    appendVector(out, pattern.vector);
  }
  out += '}';
}

std::optional<std::size_t> wholeNumber(std::string_view rawJson) noexcept {
  std::size_t number = 0;
  const auto [end, problem] = std::from_chars(rawJson.data(), rawJson.data() + rawJson.size(), number);
  if (problem != std::errc() || end != rawJson.data() + rawJson.size()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> hashIn(std::string_view rawJson) noexcept {
  std::uint64_t hash = 0;
  if (rawJson.size() != 18 || rawJson.front() != '"') return std::nullopt;
  const auto [end, problem] = std::from_chars(rawJson.data() + 1, rawJson.data() + 17, hash, 16);
  if (problem != std::errc() || end != rawJson.data() + 17) return std::nullopt;
  return hash;
}

/// The itemDigest of the letter in this line; nullopt where there is none, as in a line that is torn.
std::optional<std::uint64_t> digestOfLetter(std::string_view line) {
  try {
    const std::string json = codec::checkJson(line, maxLetterLevels);
    if (!json.starts_with('{')) return std::nullopt;
    std::optional<std::size_t> index;
    std::optional<std::uint64_t> hash;
    codec::JsonWalk members(json);
    while (const auto member = members.next()) {
      if (codec::nameIs(member->name, "index")) index = wholeNumber(member->value);
      if (codec::nameIs(member->name, "hash")) hash = hashIn(member->value);
    }
    if (index && hash) return itemDigest(*index, *hash);
  } catch (const ParseError&) {
  }
  return std::nullopt;
}

/// A letter, or what a crash left of one: its beginning, or zeros in its place.
bool canBeFirstLine(std::string_view line) noexcept {
  return beginOfLetter.starts_with(line.substr(0, beginOfLetter.size())) || line.starts_with('\0');
}

}  // namespace

std::string toJson(const DeadLetter& letter) {
  std::string out;
  if (letter.pattern != nullptr) {
    const Pattern& pattern = *letter.pattern;
    out.reserve(512 + letter.error.size() + pattern.description.size() + pattern.code.size() + pattern.vector.size() * 16);
  }
  out += beginOfLetter;
  codec::appendUnsigned(out, letter.index);
  out += ",\"line\":";
  codec::appendUnsigned(out, letter.line);
  out += ",\"outcome\":";
  codec::appendString(out, toString(letter.outcome));
  out += ",\"error\":";
  codec::appendAnyString(out, letter.error);
  out += fmt::format(",\"attempts\":{},\"hash\":\"{:016x}\",\"pattern\":", letter.attempts, letter.hash);
  if (letter.pattern != nullptr) {
    appendPattern(out, *letter.pattern);
    if (letter.vectorComputed) {
      out += ",\"embedder\":";
      codec::appendAnyString(out, letter.embedder);
    }
  } else {
    out += "null,\"text\":";
    codec::appendAnyString(out, letter.text);
  }
  out += '}';
  return out;
}

DeadLetters::DeadLetters(const std::string& file) : file_(file, "the file of dead letters") {
  bool finished = true;
  file_.eachLine([&](std::string_view line, std::size_t offset, bool complete) {
    if (offset == 0 && !canBeFirstLine(line)) {
      failBroken(file_.name(), "holds something else than dead letters: name another file; it was left as it is");
    }
    finished = complete;
    if (const auto digest = digestOfLetter(line)) known_.insert(*digest);
  });
  if (!finished) file_.append("\n");
}

bool DeadLetters::write(const DeadLetter& letter) {
  if (known_.contains(itemDigest(letter.index, letter.hash))) return false;
  file_.append(toJson(letter) += '\n');
  return true;
}

}  // namespace qbatch::stream
