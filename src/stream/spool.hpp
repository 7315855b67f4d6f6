#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

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
  /// found; files of others stay. Throws RequestError.
  Spool(std::string folder, std::string identity, std::size_t dimension);
  ~Spool();

  /// A vector of an earlier run; false where there is none. `vector` holds `dimension` floats. A file that cannot be read has none.
  [[nodiscard]] bool find(const PointId& key, std::span<float> vector);
  /// Writes a window's vectors, row i under keys[i]; survives the death of the process when it returns. Returns its number for drop().
  /// Throws RequestError (storageFull, storageBroken); then nothing of it stays.
  [[nodiscard]] std::uint64_t keep(std::span<const PointId> keys, MatrixView rows);
  /// All vectors of that window are stored, or stand in dead letters: its file goes.
  void drop(std::uint64_t window) noexcept;
  /// The input is settled to its end: what earlier runs left goes, too, and the folder where it is empty then.
  void clear() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qbatch::stream
