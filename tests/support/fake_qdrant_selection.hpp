#pragma once
#include <optional>
#include <string>
#include <vector>

#include "support/fake_qdrant_store.hpp"

namespace qbatch::test::fake {

/// `with_payload` and `with_vector` of a request.
class Selection {
 public:
  /// Throws Failure. What is absent is taken as `payloadByDefault` and as false.
  Selection(Object body, bool payloadByDefault);

  /// Everything of a point.
  static Selection all();
  /// A point as answers show it; `score` is already JSON text.
  [[nodiscard]] std::string show(const PointId& id, const Point& point, const std::string& score = {}) const;

 private:
  Selection() = default;
  [[nodiscard]] std::string payloadText(const Point& point) const;
  [[nodiscard]] std::string vectorText(const Point& point) const;

  bool payload_ = true, vector_ = false;
  std::optional<std::vector<PayloadPath>> include_{};
  std::vector<PayloadPath> exclude_{};
  std::optional<std::vector<std::string>> names_{};
};

/// null for what is no finite number.
void appendFloatOrNull(std::string& out, float value);

}  // namespace qbatch::test::fake
