#pragma once
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "contract/rest_subject.hpp"
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
  /// True where it knows places on earth.
  bool geo = false;
};

[[nodiscard]] inline std::vector<Subject> allSubjects() {
  std::vector<Subject> all = {
      {"local, in memory", [](const std::filesystem::path&) { return makeLocalBackend(":memory:"); }, false},
      {"local, in a file", [](const std::filesystem::path& folder) { return makeLocalBackend((folder / "contract.db").string()); }, true},
      {"REST, a server in this process", [](const std::filesystem::path&) { return std::make_shared<ServedBackend>(); }, false},
      {"REST, qbatch::serve in memory", [](const std::filesystem::path&) { return std::make_shared<LocallyServedBackend>(":memory:"); },
       false},
      {"REST, qbatch::serve over a file",
       [](const std::filesystem::path& folder) { return std::make_shared<LocallyServedBackend>((folder / "contract.db").string()); }, true},
  };
  if (const char* url = std::getenv("QDRANT_URL"); url != nullptr && *url != '\0')
    all.push_back({"REST, the server at QDRANT_URL", [](const std::filesystem::path&) { return realQdrant(); }, false, true});
  return all;
}

[[nodiscard]] inline const std::vector<Subject>& subjects() {
  static const std::vector<Subject> all = allSubjects();
  return all;
}

}  // namespace qbatch::test
