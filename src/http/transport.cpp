#include "http/transport.hpp"

#include <algorithm>

namespace qbatch::http {
namespace {

char lower(char letter) noexcept { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

bool isTokenCharacter(char letter) noexcept {
  if ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(letter) != std::string_view::npos;
}

}  // namespace

bool isToken(std::string_view text) noexcept { return !text.empty() && std::all_of(text.begin(), text.end(), isTokenCharacter); }

std::string_view headerOf(const Response& response, std::string_view name) noexcept {
  const auto same = [name](const Header& header) {
    return std::equal(header.name.begin(), header.name.end(), name.begin(), name.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
  };
  const auto found = std::find_if(response.headers.begin(), response.headers.end(), same);
  return found == response.headers.end() ? std::string_view() : std::string_view(found->value);
}

}  // namespace qbatch::http
