#pragma once
#include "qbatch/backend.hpp"

namespace qbatch::local {

/// Whether a call should end early: its stop token is set, or its deadline has passed. Safe to ask from several threads.
class Interrupt {
 public:
  /// Never.
  Interrupt() = default;
  explicit Interrupt(const CallLimits& limits) : limits_(limits) {}

  [[nodiscard]] bool due() const noexcept;
  /// Throws Refusal (unavailable, nothing applied) where it is due.
  void check() const;
  /// The verdict for a call that ends early with nothing applied.
  [[nodiscard]] Verdict verdict() const;

 private:
  CallLimits limits_{};
};

}  // namespace qbatch::local
