#pragma once
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cli {

/// Input that cannot be read at all: a missing file, a folder, no permission, a read that fails.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads a file, or standard input for "-", line by line: without line ends (LF or CRLF), without the byte order mark that
/// some editors put first, and without blank lines, which count as lines all the same.
class LineReader {
 public:
  /// Throws InputError. Where `stopped` says so, asked before each read and after a signal, the input counts as ended.
  LineReader(const std::string& path, std::function<bool()> stopped);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// The next line that is not blank; false at the end. Throws InputError.
  bool next();
  /// The line's text; valid, and the caller's to change, until next() is called.
  [[nodiscard]] std::string& text() noexcept { return line_; }
  /// The line's number in the file, from 1.
  [[nodiscard]] std::size_t number() const noexcept { return number_; }
  /// True where `stopped` ended the input.
  [[nodiscard]] bool cutShort() const noexcept { return cutShort_; }
  /// What messages call the input: the path, or "standard input".
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  bool fill();
  bool nextLine();

  std::string name_;
  std::function<bool()> stopped_;
  int file_ = -1;
  std::string buffer_;
  std::size_t used_ = 0;
  std::string line_;
  std::size_t number_ = 0;
  bool ended_ = false, cutShort_ = false;
};

}  // namespace cli
