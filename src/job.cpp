#include "qbatch/job.hpp"

#include <utility>

#include "run/run_handle.hpp"

namespace qbatch {

namespace {
Error cancelledByJob() { return Error(Errc::cancelled, Origin::caller, "cancelled by the caller"); }
}  // namespace

template <class Report>
Job<Report>::Job(std::shared_ptr<RunHandle> run) noexcept : run_(std::move(run)) {}

template <class Report>
Job<Report>::Job(Job&&) noexcept = default;

template <class Report>
Job<Report>& Job<Report>::operator=(Job&& other) noexcept {
  if (this != &other) {
    release();
    run_ = std::move(other.run_);
  }
  return *this;
}

template <class Report>
Job<Report>::~Job() {
  release();
}

template <class Report>
void Job<Report>::release() noexcept {
  auto run = std::exchange(run_, nullptr);
  if (!run) return;
  if (run->core().forked()) {
    // Its threads and locks are the parent's; in this process it can neither be waited for nor be taken apart.
    static_cast<void>(new std::shared_ptr<RunHandle>(std::move(run)));
    return;
  }
  run->run().cancel(cancelledByJob());
  if (run->core().onOwnThread()) {
    if (!run->run().waitFor(milliseconds(0)))
      run->core().log(LogLevel::error, "a Job was destroyed inside a callback of its own client; its call is cancelled but not waited for");
    return;
  }
  run->run().wait();
}

template <class Report>
Report Job<Report>::get() {
  if (!run_) throw ConfigError({"Job::get: this job was detached or moved from"});
  run_->core().refuseAfterFork("Job::get");
  if (!run_->run().waitFor(milliseconds(0))) run_->core().refuseBlocking("Job::get");
  run_->run().wait();
  return Report(run_->run().result());
}

template <class Report>
bool Job<Report>::waitFor(milliseconds time) const {
  if (!run_) throw ConfigError({"Job::waitFor: this job was detached or moved from"});
  run_->core().refuseAfterFork("Job::waitFor");
  if (time.count() > 0 && !run_->run().waitFor(milliseconds(0))) run_->core().refuseBlocking("Job::waitFor");
  return run_->run().waitFor(time);
}

template <class Report>
void Job<Report>::whenDone(std::function<void()> ended) {
  if (!run_) throw ConfigError({"Job::whenDone: this job was detached or moved from"});
  if (!ended) throw ConfigError({"Job::whenDone: the function is empty"});
  run_->core().refuseAfterFork("Job::whenDone");
  const auto run = run_;  // `ended` may destroy this job
  run->run().whenEnded(std::move(ended));
}

template <class Report>
void Job<Report>::cancel() noexcept {
  if (run_ && !run_->core().forked()) run_->run().cancel(cancelledByJob());
}

template <class Report>
void Job<Report>::detach() noexcept {
  if (run_ && run_->core().forked()) return release();
  run_.reset();
}

template <class Report>
Progress Job<Report>::progress() const noexcept {
  return run_ && !run_->core().forked() ? run_->run().progress() : Progress{};
}

template class Job<StoreReport>;
template class Job<SearchReport>;
template class Job<UpdateReport>;
template class Job<DeleteReport>;
template class Job<ReadReport>;
template class Job<CollectionsReport>;

}  // namespace qbatch
