#include "query_text.hpp"

#include <charconv>

#include "answers.hpp"

namespace service {

std::optional<std::string> percentDecoded(std::string_view text, bool plusIsSpace) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      plain += plusIsSpace && text[at] == '+' ? ' ' : text[at];
      continue;
    }
    unsigned byte = 0;
    const auto digits = text.substr(at + 1, 2);
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || fault != std::errc() || end != digits.data() + 2) return std::nullopt;
    plain += static_cast<char>(byte);
    at += 2;
  }
  return plain;
}

std::vector<std::pair<std::string, std::string>> queryParameters(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    const auto equals = std::min(pair.find('='), pair.size());
    const auto name = percentDecoded(pair.substr(0, equals), true);
    const auto value = percentDecoded(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) throw Refusal(400, "the address's parameters are not percent-encoded as they should be");
    if (!pair.empty()) parameters.emplace_back(*name, *value);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return parameters;
}

}  // namespace service
