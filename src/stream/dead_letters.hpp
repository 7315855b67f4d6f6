#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

#include "qbatch/error.hpp"
#include "qbatch/pattern.hpp"
#include "qbatch/report.hpp"
#include "stream/append_file.hpp"

namespace qbatch::stream {

/// One item that could not be stored. Views.
struct DeadLetter {
  std::size_t index{}, line{};
  Outcome outcome{};
  std::string_view error{};
  unsigned attempts{};
  std::uint64_t hash{};          ///< contentHash of the item as it was read
  const Pattern* pattern{};      ///< null where the item was none
  std::string_view embedder{};   ///< the identity of the embedder that computed pattern->vector; empty where it was given
  bool vectorComputed = false;
  std::string_view text{};       ///< what stood there instead of a pattern
};

/// One line of JSON, without its end.
[[nodiscard]] std::string toJson(const DeadLetter& letter);

/// The file behind ImportOptions::deadLetters. Only ever appended to; a last line without an end is completed first, so that it
/// spoils no other. Used by one thread at a time; locked while it is open.
class DeadLetters {
 public:
  /// Throws RequestError.
  explicit DeadLetters(const std::string& file);

  /// Appends, unless the file held this letter (index and hash) when it was opened: a run that was killed between letter and checkpoint
  /// meets the item again. True where it was appended. Throws RequestError.
  bool write(const DeadLetter& letter);
  void sync();

 private:
  AppendFile file_;
  std::unordered_set<std::uint64_t> known_;  // of index and hash
};

}  // namespace qbatch::stream
