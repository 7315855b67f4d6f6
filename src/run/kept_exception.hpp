#pragma once
#include <functional>

namespace qbatch::run {

/// What ended a run, for each that asks for its result: this library's own exceptions are made anew each time. An exception that is shared
/// by std::exception_ptr may be freed by the last thread that lets go of the run while another still reads it; that is in order by a
/// count inside the C++ runtime library, but ThreadSanitizer does not see it, and the user's program would be accused.
class KeptException {
 public:
  /// Keeps the exception that is being handled; to be called in a catch block.
  void keepCurrent();
  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(raise_); }
  /// Throws what was kept. Requires that something was.
  [[noreturn]] void raise() const;

 private:
  std::function<void()> raise_{};
};

}  // namespace qbatch::run
