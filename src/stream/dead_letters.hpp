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
  std::uint64_t hash{};         ///< contentHash of the item as it was read
  const Pattern* pattern{};     ///< null where the item was none
  std::string_view embedder{};  ///< the identity of the embedder that computed pattern->vector; empty where it was given
  bool vectorComputed = false;
  std::string_view text{};  ///< what stood there instead of a pattern
};

/// One line of JSON, without its end, whatever bytes the texts hold: what is not UTF-8 becomes U+FFFD. Numbers of a vector that are not
/// finite, which JSON does not have, are the strings "NaN", "Infinity" and "-Infinity": people see them, and no reader takes them.
///
/// Members: index, line, outcome, error, attempts, hash (16 hexadecimal digits), pattern (null where there is none), then embedder where
/// the vector was computed, or text where there is no pattern.
[[nodiscard]] std::string toJson(const DeadLetter& letter);

/// How deep a letter is nested at most: metadata, which may be 127 levels deep, stands two levels down.
constexpr std::size_t maxLetterLevels = 129;

/// The file behind ImportOptions::deadLetters. Only ever appended to; a last line without an end is completed first, so that it
/// spoils no other. A file that does not begin with a letter is refused: it may be the input. Used by one thread at a time; locked while it
/// is open.
class DeadLetters {
 public:
  /// Throws RequestError: inUse, storageFull, storageBroken.
  explicit DeadLetters(const std::string& file);

  /// Appends, unless the file held this letter (index and hash) when it was opened: a run that was killed between letter and checkpoint
  /// meets the item again. True where it was appended. Throws RequestError; what was appended before stands.
  bool write(const DeadLetter& letter);
  void sync() { file_.sync(); }

 private:
  AppendFile file_;
  std::unordered_set<std::uint64_t> known_{};  // itemDigest of index and hash
};

}  // namespace qbatch::stream
