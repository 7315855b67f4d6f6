#include "codec/repeated_names.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

namespace qbatch::codec {
namespace {

/// False where two cheap hashes tell all names apart, as they do of most objects.
bool mayRepeat(std::span<const CheckedJson::Member> members) noexcept {
  std::uint64_t seen = 0, seenToo = 0;
  bool any = false;
  for (const auto& member : members) {
    const std::string_view name = member.name;
    const std::size_t front = name.empty() ? 0 : static_cast<unsigned char>(name.front());
    const std::size_t back = name.empty() ? 0 : static_cast<unsigned char>(name.back());
    const auto bit = std::uint64_t{1} << ((name.size() + front * 5) & 63), bitToo = std::uint64_t{1} << ((name.size() * 3 + back) & 63);
    any |= (seen & bit) != 0 && (seenToo & bitToo) != 0;
    seen |= bit;
    seenToo |= bitToo;
  }
  return any;
}

}  // namespace

bool markRepeated(std::span<CheckedJson::Member> members) {
  if (!mayRepeat(members)) return false;
  std::vector<std::size_t> order(members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [members](std::size_t a, std::size_t b) {
    const int compared = members[a].name.compare(members[b].name);
    return compared != 0 ? compared < 0 : a < b;
  });
  bool any = false;
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (members[order[i - 1]].name == members[order[i]].name) any = members[order[i - 1]].repeated = true;
  }
  return any;
}

}  // namespace qbatch::codec
