#include "stream/letter_line.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "codec/item_lines.hpp"

namespace qbatch::stream {
namespace {

using codec::LineError;
using codec::Member;

// Members by which a letter is known; a pattern has none of them.
constexpr std::string_view letterNames[] = {"index", "outcome", "pattern", "text"};

struct Letter {
  std::optional<Pattern> pattern{};
  std::optional<std::string> text{}, embedder{};
};

/// nullopt where the line is no letter. Throws LineError where it is a wrong one.
std::optional<Letter> letterOf(codec::JsonLines& json, std::string& line) {
  Letter letter;
  bool isLetter = false;
  const auto take = [&](Member& member) {
    const auto name = member.name();
    isLetter = isLetter || std::ranges::find(letterNames, name) != std::end(letterNames);
    if (member.isNull()) return true;
    if (name == "pattern") {
      letter.pattern = codec::patternOf(member);
    } else if (name == "text") {
      letter.text = member.text();
    } else if (name == "embedder") {
      letter.embedder = member.text();
    }
    return true;
  };
  try {
    json.read(line, take, "a dead letter", letterNames);
  } catch (const LineError&) {
    if (isLetter) throw;
  }
  return isLetter ? std::optional(std::move(letter)) : std::nullopt;
}

}  // namespace

Pattern readLetter(codec::JsonLines& json, std::string& line, std::string_view embedder) {
  auto letter = letterOf(json, line);
  if (!letter) return codec::readPattern(json, line);
  if (letter->pattern) {
    if (letter->embedder && *letter->embedder != embedder) letter->pattern->vector.clear();
    return std::move(*letter->pattern);
  }
  if (!letter->text) throw LineError("is a dead letter without a pattern and without a text; give it one, or take the line out");
  // What becomes a letter again, as a mended letter that is wrong still, may be a letter itself.
  line = codec::JsonLines::copyOf(*letter->text);
  return readLetter(json, line, embedder);
}

}  // namespace qbatch::stream
