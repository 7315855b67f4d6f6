#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>

#include "qbatch/export.hpp"

namespace qbatch {

/// Input that cannot be read: a missing file, a folder, no permission, a read that fails, a gzip file that is cut off or damaged.
/// what() names the input and says what to do.
class QBATCH_EXPORT InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads a file, or standard input, line by line: without line ends (LF or CRLF), without the byte order mark that some editors put
/// first, and without blank lines, which count as lines all the same. What begins with gzip's mark is unpacked. Used by one thread at a
/// time.
class QBATCH_EXPORT LineReader {
 public:
  /// `path` "-" is standard input. Throws InputError.
  explicit LineReader(const std::string& path);
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;
  ~LineReader();

  /// The next line that is not blank; false at the end, and soon after `stop` was asked for, also while nothing comes from a pipe or a
  /// terminal. Throws InputError.
  bool next(std::stop_token stop = {});
  /// The line's text; valid, and the caller's to change, until next() is called.
  [[nodiscard]] std::string& text() noexcept;
  /// The line's number in the file, from 1.
  [[nodiscard]] std::size_t number() const noexcept;
  /// True where `stop` ended the input before its end.
  [[nodiscard]] bool cutShort() const noexcept;
  /// What messages call the input: the path, or "standard input".
  [[nodiscard]] const std::string& name() const noexcept;
  /// How much of the input has been read, from 0 to 1; nullopt where its size is not known, as with a pipe.
  [[nodiscard]] std::optional<double> share() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qbatch
