#include "serve/plain_body.hpp"

#include <algorithm>

namespace qbatch::serve {
namespace {

constexpr std::size_t leastRoom = 64u << 10;
constexpr std::size_t behind = 64;  // JSON parsers read so far beyond the end, and would copy the body to get there

}  // namespace

void PlainBody::begin(std::string& text, std::size_t length) {
  text_ = &text;
  length_ = length;
  received_ = 0;
  text.reserve(length + behind);
}

std::span<char> PlainBody::room() {
  const auto wanted = std::min(length_, received_ + std::max(received_, leastRoom));
  if (text_->size() < wanted) text_->resize(wanted);
  return std::span(*text_).subspan(received_);
}

}  // namespace qbatch::serve
