#pragma once
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "stream/gunzip.hpp"

namespace qbatch::stream {

/// The bytes of a file or of standard input, unpacked where they begin with gzip's mark. Used by one thread at a time.
class ByteInput {
 public:
  enum class Read { some, end, stopped };

  /// `path` "-" is standard input. Throws InputError.
  explicit ByteInput(const std::string& path);
  ByteInput(const ByteInput&) = delete;
  ByteInput& operator=(const ByteInput&) = delete;
  ~ByteInput();

  /// Fills `bytes` with the next ones, which are none but for Read::some. Where nothing comes, it ends soon after `stop` was asked for.
  /// Throws InputError.
  [[nodiscard]] Read read(std::string& bytes, const std::stop_token& stop);
  /// What messages call the input: the path, or "standard input".
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// How much of the file has been read, from 0 to 1, where of the last bytes that read() gave so many are not used yet; nullopt where the
  /// size is not known.
  [[nodiscard]] std::optional<double> share(std::size_t unused) const noexcept;

 private:
  void open(const std::string& path);
  Read readFirst(std::string& bytes, const std::stop_token& stop);
  Read readPacked(std::string& bytes, const std::stop_token& stop);
  Read readFile(std::string& bytes, const std::stop_token& stop);
  [[nodiscard]] bool waitForBytes(const std::stop_token& stop) const;

  std::string name_;
  int file_ = -1;
  std::size_t size_ = 0;                                 // 0: not known
  std::size_t taken_ = 0, takenBefore_ = 0, given_ = 0;  // of the file, of it before the last read(), and what that gave
  bool begun_ = false;
  std::optional<Gunzip> gunzip_;
  std::string packed_;
  std::string_view left_;  // of packed_
  bool more_ = false;      // the unpacker may hold more than it could give
};

}  // namespace qbatch::stream
