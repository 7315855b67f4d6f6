#include "run/worker_pool.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

namespace qbatch::run {

namespace {

// Tasks can nest (a task that blocks on nothing may be run inline by a foreign executor), so the former value is put back.
thread_local const void* currentPool = nullptr;

class Inside {
 public:
  explicit Inside(const void* pool) : former_(std::exchange(currentPool, pool)) {}
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { currentPool = former_; }

 private:
  const void* former_;
};

}  // namespace

struct WorkerPool::Impl {
  explicit Impl(std::size_t threads) : pool(threads) {}
  boost::asio::thread_pool pool;
};

WorkerPool::WorkerPool(std::size_t threads) : threads_(threads), impl_(std::make_unique<Impl>(threads)) {}

WorkerPool::~WorkerPool() { impl_->pool.join(); }

void WorkerPool::post(std::function<void()> task) {
  boost::asio::post(impl_->pool, [this, task = std::move(task)] {
    const Inside inside(this);
    task();
  });
}

bool WorkerPool::onPoolThread() const noexcept { return currentPool == this; }

struct WorkerPool::Timer::Impl {
  explicit Impl(WorkerPool& owner) : pool(owner), timer(owner.impl_->pool.get_executor()) {}
  WorkerPool& pool;
  boost::asio::steady_timer timer;
};

WorkerPool::Timer::Timer(WorkerPool& pool) : impl_(std::make_unique<Impl>(pool)) {}
WorkerPool::Timer::~Timer() = default;

void WorkerPool::Timer::arm(std::chrono::steady_clock::time_point at, std::function<void()> task) {
  impl_->timer.expires_at(at);
  impl_->timer.async_wait([pool = &impl_->pool, task = std::move(task)](const boost::system::error_code& error) {
    if (error) return;
    const Inside inside(pool);
    task();
  });
}

void WorkerPool::Timer::cancel() { impl_->timer.cancel(); }

}  // namespace qbatch::run
