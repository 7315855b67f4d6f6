#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/embedder.hpp"
#include "qbatch/point_id.hpp"
#include "stream/posix_file.hpp"

namespace qbatch::stream {

/// Writes vectors to `path`, row i under keys[i]: whole or not at all, even where the process dies meanwhile, but for a file of that name
/// and ".part". Throws RequestError (storageFull, storageBroken) that names `name`; then nothing of it stays.
void writeSpoolFile(const StorageName& name, const std::string& path, std::string_view identity, std::span<const PointId> keys,
                    MatrixView rows);

/// A file of vectors, for reading. All numbers in it are little-endian:
///
///     "qbatchVE" | format, 4 bytes | CRC32 of all that follows, 4 | dimension, 4 | rows, 4 | size of the identity, 4 | identity |
///     a row's key: 1 where it is a number, else 0, then its 16 bytes; of all rows | the floats of all rows
class SpoolFile {
 public:
  /// Whose vectors they are: another embedder's, or version's, or nobody's as the file is torn or damaged or cannot be read.
  enum class Kind { ours, others, damaged };

  SpoolFile(const std::string& path, std::string_view identity, std::size_t dimension);

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  /// Of its rows, not yet compared with the checksum. Fewer where they cannot be read, none where the file is not ours.
  [[nodiscard]] std::vector<PointId> keys() const;
  /// Reads all of it, to compare the checksum.
  [[nodiscard]] bool isWhole() const;
  /// A row of a file that is ours. False where it cannot be read.
  [[nodiscard]] bool read(std::size_t row, std::span<float> vector) const noexcept;

 private:
  Kind kindOf(std::string_view identity, std::size_t dimension);

  Descriptor file_;
  std::size_t rows_ = 0, dimension_ = 0, keysAt_ = 0;
  Kind kind_;
};

}  // namespace qbatch::stream
