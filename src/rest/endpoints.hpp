#pragma once
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace qbatch::rest {

/// The nodes of a cluster, each in its turn; one that could not be connected to is passed over for a while, as long as another is left.
/// Thread-safe.
class Endpoints {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// At least one.
  explicit Endpoints(std::vector<std::string> urls);

  /// The index of the node for the next request.
  [[nodiscard]] std::size_t next(TimePoint now);
  void failed(std::size_t index, TimePoint now);
  void answered(std::size_t index);
  [[nodiscard]] const std::string& url(std::size_t index) const { return urls_.at(index); }
  [[nodiscard]] std::size_t size() const noexcept { return urls_.size(); }

 private:
  const std::vector<std::string> urls_;
  std::mutex mutex_;
  std::vector<TimePoint> restUntil_;
  std::size_t turn_ = 0;
};

}  // namespace qbatch::rest
