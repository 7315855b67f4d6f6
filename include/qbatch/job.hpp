#pragma once
#include <chrono>
#include <functional>
#include <memory>

#include "qbatch/export.hpp"
#include "qbatch/options.hpp"
#include "qbatch/report.hpp"

namespace qbatch {

class RunHandle;

/// A batch call under way. Destroying a Job asks for cancellation and waits; detach() lets it run until the client's destructor, which
/// waits. One thread at a time may call get(), detach(), whenDone() or destroy it; the other members any.
template <class Report>
class [[nodiscard]] QBATCH_EXPORT Job {
 public:
  explicit Job(std::shared_ptr<RunHandle> run) noexcept;
  Job(Job&&) noexcept;
  Job& operator=(Job&&) noexcept;
  ~Job();

  /// Waits for the end. May be called again. Throws ConfigError for misuse that showed only while running (another embedder's collection),
  /// and where it is called inside a callback or embedder of the same client.
  Report get();
  /// True where the end came within the time.
  bool waitFor(milliseconds time) const;
  /// Calls `ended` once when get() no longer waits: on a thread of the client's and without a lock, or at once on this thread where the
  /// end came already. It must not block; it may call get(), and be what keeps the Job alive. What it throws is caught and logged. Of
  /// several calls each is heard.
  void whenDone(std::function<void()> ended);
  /// Asks to stop: what is in flight is settled, the rest is unsent. Returns at once.
  void cancel() noexcept;
  void detach() noexcept;
  [[nodiscard]] Progress progress() const noexcept;

 private:
  void release() noexcept;
  std::shared_ptr<RunHandle> run_;
};

extern template class Job<StoreReport>;
extern template class Job<SearchReport>;
extern template class Job<UpdateReport>;
extern template class Job<DeleteReport>;
extern template class Job<ReadReport>;
extern template class Job<CollectionsReport>;

}  // namespace qbatch
