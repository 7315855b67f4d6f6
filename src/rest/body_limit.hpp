#pragma once
#include <chrono>
#include <cstddef>
#include <limits>
#include <mutex>

namespace qbatch::rest {

/// What a client has learnt of the largest request body that its server takes. One for all nodes of a cluster: they are mostly configured
/// alike, and where one of them takes less (a proxy in front of it), its turn comes with every few requests, so that the least counts.
/// Thread-safe.
class BodyLimit {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  /// How long a refusal is believed that nobody said: it may have been the network, which must not make requests small for good.
  static constexpr std::chrono::minutes guessHolds{10};

  struct Known {
    std::size_t largestPassed = 0;
    std::size_t smallestRefused = none;  ///< always above largestPassed
  };
  [[nodiscard]] Known known(TimePoint now) const;
  /// True where a body of so many bytes is worth sending: everything before the first refusal; afterwards what is no larger than something
  /// that passed, or than half of what was refused. So each refusal at least halves what is tried next, and there are few of them.
  [[nodiscard]] bool allows(std::size_t bytes, TimePoint now) const;

  /// The server has carried out a request with such a body. A refusal of less than that no longer holds.
  void passed(std::size_t bytes, TimePoint now);
  /// The server said that such a body is too large. If a larger one has passed before, the limit has changed since.
  void refused(std::size_t bytes);
  /// The connection broke while such a body was being sent, and its size is probably why. Not believed of a body no larger than one that
  /// passed.
  void suspected(std::size_t bytes, TimePoint now);
  /// The same where something else may be why. Suspected when a smaller body passes afterwards: then the server was not merely gone.
  void broken(std::size_t bytes);

 private:
  [[nodiscard]] Known knownLocked(TimePoint now) const;
  void suspect(std::size_t bytes, TimePoint now);

  mutable std::mutex mutex_;
  std::size_t passed_ = 0, refused_ = none, guessed_ = none, broken_ = none;
  TimePoint guessUntil_ = TimePoint::min();
};

}  // namespace qbatch::rest
