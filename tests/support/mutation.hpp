#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "support/campaign.hpp"

namespace qbatch::test {

/// The text after one to four random edits: a bit turned, a byte replaced, inserted or deleted, a slice doubled, moved or cut out. Bytes
/// come mostly from JSON's own.
inline std::string mutated(std::string text, Random& random) {
  constexpr std::string_view liked = "{}[]\",:-0123456789.eEtfn\\u \n";
  const auto byte = [&] { return random.chance(80) ? liked[random.below(liked.size())] : static_cast<char>(random.below(256)); };
  for (auto edits = random.between(1, 4); edits > 0; --edits) {
    if (text.empty()) text = "{";
    const std::size_t at = random.below(text.size());
    const std::size_t length = 1 + random.below(random.chance(70) ? 8 : text.size());
    switch (random.below(7)) {
      case 0:
        text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1u << random.below(8)));
        break;
      case 1:
        text[at] = byte();
        break;
      case 2:
        text.insert(text.begin() + static_cast<std::ptrdiff_t>(at), byte());
        break;
      case 3:
        text.erase(at, length);
        break;
      case 4:
        text.insert(at, text.substr(at, length));
        break;
      case 5:
        text.insert(random.below(text.size() + 1), text.substr(at, length));
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

}  // namespace qbatch::test
