#pragma once
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cli {

/// Text that is put aside, so that memory need not hold it: in a temporary file without a name (in TMPDIR, or /tmp), which is made when
/// there is too much for a buffer, and gone with the process. Used by one thread at a time.
class SpillFile {
 public:
  /// A piece of what was put aside.
  struct Piece {
    std::size_t offset{}, size{};
  };
  /// What cannot be written or read. what() names the folder and says what to do.
  class Failure : public std::runtime_error {
   public:
    using std::runtime_error::runtime_error;
  };

  SpillFile();
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  /// Throws Failure.
  Piece put(std::string_view text);
  /// Hands the piece to `take`, part by part. Throws Failure.
  void get(const Piece& piece, const std::function<void(std::string_view part)>& take) const;

 private:
  void flush();
  [[noreturn]] void fail(const char* doing, int error) const;

  std::string folder_;
  int descriptor_ = -1;
  std::size_t flushed_ = 0;
  std::string buffer_;  // what follows the bytes in the file
};

}  // namespace cli
