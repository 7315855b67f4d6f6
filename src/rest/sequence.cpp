#include "rest/sequence.hpp"

#include <algorithm>
#include <random>
#include <string_view>

namespace qbatch::rest {

std::uint64_t Sequence::next(std::chrono::system_clock::time_point now) noexcept {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const auto wanted = static_cast<std::uint64_t>(std::max<std::int64_t>(milliseconds, 0)) * 1024;
  auto last = last_.load();
  for (;;) {
    const auto next = std::max(wanted, last + 1);
    if (last_.compare_exchange_weak(last, next)) return next;
  }
}

std::string randomWriter() {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::size_t length = 17;  // 62^17 > 2^101
  std::random_device chance;
  std::uniform_int_distribution<std::size_t> letter(0, letters.size() - 1);
  std::string name;
  for (std::size_t i = 0; i < length; ++i) name += letters[letter(chance)];
  return name;
}

}  // namespace qbatch::rest
