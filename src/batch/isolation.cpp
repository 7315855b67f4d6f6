#include "batch/isolation.hpp"

#include <algorithm>

namespace qbatch::batch {
namespace {
constexpr std::size_t mostWords = 8;
}

const std::string& Isolation::wordsOf(const Error& error) noexcept {
  return error.serverMessage().empty() ? error.message() : error.serverMessage();
}

bool Isolation::refused(const std::string& words) {
  auto found = std::find_if(counts_.begin(), counts_.end(), [&](const Count& count) { return count.words == words; });
  if (found == counts_.end() && counts_.size() < mostWords) {
    found = counts_.insert(counts_.end(), {words, 0});
  } else if (found == counts_.end()) {
    found = std::min_element(counts_.begin(), counts_.end(), [](const Count& a, const Count& b) { return a.refusals < b.refusals; });
    *found = {words, 0};
  }
  if (found->refusals < limit) ++found->refusals;
  return found->refusals == limit;
}

}  // namespace qbatch::batch
