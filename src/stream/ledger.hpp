#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stream/append_file.hpp"

namespace qbatch::stream {

/// Items [first, last) of an input that are settled.
struct SettledRange {
  std::size_t first{}, last{};
  std::uint64_t digest{};  ///< the sum of the items' digests (item_hash.hpp)
  std::size_t letters{};   ///< items among them that became dead letters
  friend bool operator==(const SettledRange&, const SettledRange&) = default;
};

/// The file behind ImportOptions::checkpoint: a line that says what it is about, then one line a settled range, each with its checksum.
/// Only ever appended to. A tail that a crash tore is dropped when it is opened; a damaged line elsewhere counts for nothing (its items are
/// sent again). Used by one thread at a time; locked while it is open.
///
///     qbatch-checkpoint 1 <digest of the first item> <CRC32 of the others> <collection, as a JSON string>
///     <first> <last> <digest> <letters> <CRC32 of these, begun with that of the first line>
class Ledger {
 public:
  /// Opens `file`, or makes it, still empty. Throws RequestError: inUse, storageFull, storageBroken (no checkpoint, or its first line is
  /// damaged: what to do); ConfigError where it belongs to another collection. What is refused is left as it is.
  Ledger(const std::string& file, std::string_view collection);

  /// What earlier runs settled: ascending, disjoint, neighbours joined. Of two ranges that overlap, the one recorded later does not count.
  [[nodiscard]] const std::vector<SettledRange>& settled() const noexcept { return settled_; }
  /// The digest of the input's first item, where the file has it.
  [[nodiscard]] std::optional<std::uint64_t> firstItem() const noexcept { return firstItem_; }
  /// Where the file is new: writes and syncs its first line; else does nothing. Throws RequestError.
  void begin(std::uint64_t firstItem);

  /// After begin(). Appends all of them or none; survives the death of the process when it returns, that of the machine after sync().
  /// Throws RequestError; then nothing may be appended any more.
  void append(std::span<const SettledRange> ranges);
  void sync() { file_.sync(); }

 private:
  void readFirstLine(std::string_view text);
  void requireTornFirstLine(std::string_view text) const;

  AppendFile file_;
  std::string collection_;  // as JSON
  std::vector<SettledRange> settled_{};
  std::optional<std::uint64_t> firstItem_{};
  std::uint32_t seed_ = 0;  // of the lines' checksums
};

}  // namespace qbatch::stream
