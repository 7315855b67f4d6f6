#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "options_check.hpp"
#include "qbatch/backend.hpp"
#include "rest/server_options.hpp"
#include "run/worker_pool.hpp"

namespace qbatch {

namespace {

/// Requests under way, to be waited for.
class Pending {
 public:
  void enter() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) empty_.notify_all();
  }
  void waitUntilNone() {
    std::unique_lock lock(mutex_);
    empty_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable empty_;
  std::size_t count_ = 0;
};

/// One request: stopped by its caller or by the end of the backend.
struct Ticket {
  using Callback = std::stop_callback<std::function<void()>>;
  std::stop_source stop;
  std::optional<Callback> onCaller, onClosing;
  Completion completion;
};

/// The REST backend with threads of its own to read answers on. Its end stops what is under way, and waits for it.
class StandaloneBackend : public Backend {
 public:
  explicit StandaloneBackend(const ClientOptions& options)
      : backend_(rest::connect(options, [this](std::function<void()> task) { workers_.post(std::move(task)); })) {}
  StandaloneBackend(const StandaloneBackend&) = delete;
  StandaloneBackend& operator=(const StandaloneBackend&) = delete;
  ~StandaloneBackend() override {
    closing_.request_stop();
    pending_->waitUntilNone();
  }

  void run(const Request& request, CallLimits limits, Completion completion) override {
    const auto ticket = std::make_shared<Ticket>();
    ticket->completion = std::move(completion);
    const auto stop = [source = ticket->stop]() mutable { source.request_stop(); };
    ticket->onCaller.emplace(limits.stop, stop);
    ticket->onClosing.emplace(closing_.get_token(), stop);
    limits.stop = ticket->stop.get_token();
    pending_->enter();
    backend_->run(request, std::move(limits), [ticket, pending = pending_](Reply reply) {
      ticket->onCaller.reset();
      ticket->onClosing.reset();
      std::exchange(ticket->completion, nullptr)(std::move(reply));
      pending->leave();
    });
  }

 private:
  static constexpr std::size_t threads = 2;
  const std::shared_ptr<Pending> pending_ = std::make_shared<Pending>();
  std::stop_source closing_;
  run::WorkerPool workers_{threads};
  std::shared_ptr<Backend> backend_;  // goes first: it posts to the workers
};

}  // namespace

std::shared_ptr<Backend> makeRestBackend(const ClientOptions& options) {
  std::vector<std::string> problems;
  if (options.url.empty()) problems.emplace_back("url: set it to a Qdrant server's, as http://localhost:6333");
  rest::checkServerOptions(problems, options);
  if (options.flow.maxInFlight == 0) problems.emplace_back("flow.maxInFlight: must be at least 1");
  throwIfAny(std::move(problems));
  return std::make_shared<StandaloneBackend>(options);
}

}  // namespace qbatch
