#pragma once
#include <string>
#include <vector>

#include "qbatch/error.hpp"

namespace qbatch::batch {

/// When to stop looking for the items at fault. Dividing is worth it while some parts pass; where one refusal after another says the same,
/// the fault lies in what the items have in common, and dividing on would cost two requests an item.
class Isolation {
 public:
  static constexpr unsigned limit = 32;

  /// The server's own sentence, or the message where there is none.
  [[nodiscard]] static const std::string& wordsOf(const Error& error) noexcept;

  /// A request was refused with these words. True where `limit` were, and none has passed since the first of them.
  [[nodiscard]] bool refused(const std::string& words);
  void passed() noexcept { counts_.clear(); }

 private:
  struct Count {
    std::string words;
    unsigned refusals;
  };
  std::vector<Count> counts_;  // a few: the words heard most
};

}  // namespace qbatch::batch
