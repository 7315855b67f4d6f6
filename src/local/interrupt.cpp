#include "local/interrupt.hpp"

#include "local/refusal.hpp"

namespace qbatch::local {
namespace {
bool past(std::chrono::steady_clock::time_point deadline) noexcept {
  return deadline != std::chrono::steady_clock::time_point::max() && std::chrono::steady_clock::now() >= deadline;
}
}  // namespace

bool Interrupt::due() const noexcept { return limits_.stop.stop_requested() || past(limits_.deadline); }

void Interrupt::check() const {
  if (due()) throw Refusal(verdict());
}

Verdict Interrupt::verdict() const {
  Verdict verdict;
  verdict.kind = Verdict::Kind::unavailable;
  verdict.error = limits_.stop.stop_requested()
                      ? Error(Errc::cancelled, Origin::caller, "the call was cancelled before the embedded engine had carried it out")
                      : Error(Errc::deadlineExceeded, Origin::caller,
                              "the call's deadline passed before the embedded engine had carried it out: allow more time");
  return verdict;
}

}  // namespace qbatch::local
