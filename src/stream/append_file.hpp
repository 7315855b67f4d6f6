#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace qbatch::stream {

/// A file that is only appended to, by one process at a time (flock). Used by one thread at a time. What fails is a RequestError that names
/// the file and says what to do: storageFull, storageBroken or inUse.
class AppendFile {
 public:
  /// Opens or makes it. `what` is what messages call it, as in "the checkpoint".
  AppendFile(std::string file, std::string what);
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  ~AppendFile();

  /// Hands every line, without its end, to `line`, with the byte at which it begins; `complete` is false for a last one without an end.
  void eachLine(const std::function<void(std::string_view text, std::size_t offset, bool complete)>& line) const;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Drops what stands behind `size`.
  void cut(std::size_t size);
  /// Whole or not at all: what was written in part, as on a full disk, is taken back before the throw.
  void append(std::string_view text);
  /// When it returns, what was appended survives the death of the machine. Does nothing where nothing was appended since.
  void sync();
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

 private:
  [[noreturn]] void fail(const char* doing, int error) const;

  std::string file_, what_;
  int descriptor_ = -1;
  std::size_t size_ = 0;
  bool unsynced_ = false;
};

}  // namespace qbatch::stream
