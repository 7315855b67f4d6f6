#pragma once
#include <cstddef>
#include <string>

namespace cli {

/// A file of dead letters that is replayed: while this object lives no import may write to it, and what is still not stored is collected in
/// a file beside it, which takes its place at the end. A crash before that leaves the file as it was.
class LetterFile {
 public:
  /// Throws qbatch::InputError where it cannot be read, and qbatch::RequestError where it is in use or nothing can be written beside it.
  explicit LetterFile(const std::string& file);
  LetterFile(const LetterFile&) = delete;
  LetterFile& operator=(const LetterFile&) = delete;
  /// Takes the collected letters away where they have not become the file.
  ~LetterFile();

  /// The file for the letters that are still not stored: empty, in the same folder.
  [[nodiscard]] const std::string& remaining() const noexcept { return remaining_; }
  /// Appends what stands in the file behind its first `lines` lines, unchanged. Throws qbatch::RequestError.
  void keepBehind(std::size_t lines);
  /// Puts the collected letters in the place of the file, when they are on the disk. Throws qbatch::RequestError; the file is then as it
  /// was.
  void replace();

 private:
  void open();
  [[noreturn]] void fail(const std::string& file, const char* doing, int error) const;
  void closeAll() noexcept;

  std::string name_;              // as it was given
  std::string file_, remaining_;  // without symbolic links
  int original_ = -1, collected_ = -1;
  bool replaced_ = false;
};

}  // namespace cli
