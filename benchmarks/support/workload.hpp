#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "qbatch/qbatch.hpp"

// What is uploaded and searched for: vectors as embedders make them, normally distributed with a deviation of 0.05, from a fixed seed.
namespace bench {

constexpr std::size_t dimension = 384;

/// Patterns with number ids, ready vectors and a short description.
[[nodiscard]] std::vector<qbatch::Pattern> readyPatterns(std::size_t count);
[[nodiscard]] std::vector<qbatch::Query> readyQueries(std::size_t count);

/// An upsert of `perRequest` of them after the other, each a whole HTTP request to that server.
[[nodiscard]] std::vector<std::string> upsertRequests(const std::vector<qbatch::Pattern>& patterns, std::size_t perRequest,
                                                      const std::string& address, const std::string& collection);

/// A JSONL file of patterns, as `qbatch store` reads it, that goes with this object.
class PatternFile {
 public:
  explicit PatternFile(const std::vector<qbatch::Pattern>& patterns);
  PatternFile(const PatternFile&) = delete;
  PatternFile& operator=(const PatternFile&) = delete;
  ~PatternFile();
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/// Carries out one of a backend's requests. Throws RequestError where it is refused.
[[nodiscard]] qbatch::Answer ask(qbatch::Backend& backend, const qbatch::Request& request);
/// Makes the collection anew, empty.
void renewCollection(qbatch::Backend& backend, const std::string& collection);

}  // namespace bench
