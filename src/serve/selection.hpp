#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "local/collection.hpp"
#include "serve/body.hpp"

namespace qbatch::serve {

/// `null` where the value is no number that JSON knows.
void appendFloatOrNull(std::string& out, float value);

/// What of a point an answer shows.
class Selection {
 public:
  /// Payload and all vectors.
  Selection() : payload_(true), vector_(true) {}
  /// Reads `with_payload` and `with_vector` (or `with_vectors`). Throws RequestError.
  Selection(Object body, bool payloadByDefault);

  /// Finds out about named vectors that the collection does not have. Throws RequestError.
  void check(const local::VectorLayout& layout) const;
  /// {"id":…, <more> "payload":…, "vector":…}; `more` is empty or begins with a comma.
  void show(std::string& out, const local::Collection& points, std::size_t row, const std::string& more = {}) const;

 private:
  void readPayload(Element wish);
  void appendPayload(std::string& out, std::string_view payload) const;
  void appendVectors(std::string& out, const local::Collection& points, std::size_t row) const;
  [[nodiscard]] bool wanted(const std::string& name) const;

  bool payload_ = false, vector_ = false;
  std::optional<std::vector<local::PayloadPath>> include_{};
  std::vector<local::PayloadPath> exclude_{};
  std::optional<std::vector<std::string>> names_{};
};

}  // namespace qbatch::serve
