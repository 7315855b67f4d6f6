#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "qbatch/embedder.hpp"
#include "qbatch/point_id.hpp"

namespace qbatch::stream {

/// The folder behind ImportOptions::spool: vectors that were computed and are not stored yet, one file a window, so that no run pays for
/// them again. A file that is torn, damaged or of another embedder is passed over. Thread-safe; locked while it is open.
///
/// A vector's key is the id that the pattern's texts would have (PointId::forContent): equal texts have equal vectors.
class Spool {
 public:
  /// Opens `folder`, or makes it with the first keep(), and looks through what earlier runs left. Vectors of `identity` and `dimension` are
  /// found; files of others stay. Throws RequestError: inUse, storageFull, storageBroken.
  Spool(std::string folder, std::string identity, std::size_t dimension);
  /// What is kept stays; a folder that holds nothing goes.
  ~Spool();

  /// A vector of an earlier run; false where there is none. `vector` holds `dimension` floats. A file that cannot be read, or turns out to
  /// be damaged, has none.
  [[nodiscard]] bool find(const PointId& key, std::span<float> vector);
  /// Writes a window's vectors, row i under keys[i]; survives the death of the process when it returns. Returns its number for drop().
  /// Throws RequestError (storageFull, storageBroken; inUse where another import has made the folder meanwhile); then nothing of it stays.
  [[nodiscard]] std::uint64_t keep(std::span<const PointId> keys, MatrixView rows);
  /// All vectors of that window are stored, or stand in dead letters: its file goes.
  void drop(std::uint64_t window) noexcept;
  /// The input is settled to its end: what all runs left goes, damaged files too, but not those of other embedders; so does the folder
  /// where it is empty then.
  void clear() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qbatch::stream
