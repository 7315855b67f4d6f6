#pragma once
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "qbatch/point_id.hpp"
#include "stream/spool.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

// Spools whose vectors follow from their items' numbers.
namespace qbatch::test {

using stream::Spool;

inline constexpr std::size_t spoolDimension = 4;

inline PointId keyOf(std::uint64_t item) { return item % 3 == 0 ? PointId(item) : PointId::forContent("item", std::to_string(item), ""); }

inline std::vector<float> vectorOf(std::uint64_t item, std::size_t size = spoolDimension) {
  std::vector<float> vector(size);
  for (std::size_t i = 0; i < size; ++i) vector[i] = static_cast<float>(item * 10 + i) + 0.25F;
  return vector;
}

inline std::uint64_t keep(Spool& spool, std::uint64_t first, std::uint64_t last, std::size_t size = spoolDimension) {
  std::vector<PointId> keys;
  std::vector<float> rows;
  for (auto item = first; item < last; ++item) {
    keys.push_back(keyOf(item));
    const auto vector = vectorOf(item, size);
    rows.insert(rows.end(), vector.begin(), vector.end());
  }
  return spool.keep(keys, {rows.data(), keys.size(), size});
}

inline bool has(Spool& spool, std::uint64_t item) {
  std::vector<float> vector(spoolDimension);
  if (!spool.find(keyOf(item), vector)) return false;
  CHECK(vector == vectorOf(item));
  return true;
}

inline std::set<std::string> namesIn(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

/// The path of a spool that is not there yet.
struct SpoolScene {
  ScratchFolder scratch{};
  std::string folder = (scratch.path() / "spool").string();
};

}  // namespace qbatch::test
