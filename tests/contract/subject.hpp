#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "qbatch/qbatch.hpp"
#include "support/scratch_folder.hpp"

namespace qbatch::test {

/// A kind of backend that the contract holds for. A new backend joins by one more entry in subjects().
struct Subject {
  std::string name;
  /// A backend without collections; one that keeps a file keeps it in the folder.
  std::function<std::shared_ptr<Backend>(const std::filesystem::path& folder)> make;
  /// True where what was confirmed is there again when the backend is made anew in the same folder.
  bool durable = false;
};

[[nodiscard]] inline const std::vector<Subject>& subjects() {
  static const std::vector<Subject> all = {
      {"local, in memory", [](const std::filesystem::path&) { return makeLocalBackend(":memory:"); }, false},
      {"local, in a file", [](const std::filesystem::path& folder) { return makeLocalBackend((folder / "contract.db").string()); }, true},
  };
  return all;
}

}  // namespace qbatch::test
