#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "stream/posix_file.hpp"

namespace qbatch::stream {

/// A file that is only appended to, by one process at a time (flock). Used by one thread at a time. What fails is a RequestError that names
/// the file and says what to do: storageFull, storageBroken or inUse.
class AppendFile {
 public:
  /// Opens or makes it. `what` is what messages call it, as in "the checkpoint". What is no regular file is refused.
  AppendFile(std::string file, std::string what);
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  /// Hands every line, without its end, to `line`, with the byte at which it begins; `complete` is false for a last one without an end.
  void eachLine(const std::function<void(std::string_view text, std::size_t offset, bool complete)>& line) const;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Drops what stands behind `size`.
  void cut(std::size_t size);
  /// Whole or not at all: what was written in part, as on a full disk, is taken back before the throw.
  void append(std::string_view text);
  /// When it returns, what was appended survives the death of the machine. Does nothing where nothing was appended since. Once it has
  /// failed, it and append() always do: the system forgets what it could not write, and would say of the next sync that all is well.
  void sync();
  /// For messages.
  [[nodiscard]] const StorageName& name() const noexcept { return name_; }

 private:
  void syncFolder() const;

  StorageName name_;
  Descriptor descriptor_;
  std::size_t size_ = 0;
  bool unsynced_ = false, unsyncedFolder_ = false;
  int failedSync_ = 0;
};

}  // namespace qbatch::stream
