#include "run/client_core.hpp"

#include <unistd.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "run/shared_retry_budget.hpp"

namespace qbatch {

namespace {
std::size_t cores() { return std::max<std::size_t>(1, std::thread::hardware_concurrency()); }
std::size_t poolSize(std::size_t wanted) { return wanted != 0 ? wanted : cores(); }
}  // namespace

ClientCore::ClientCore(ClientOptions options, const Connect& connect)
    : options_(std::move(options)),
      processId_(::getpid()),
      gate_(std::make_shared<run::Gate>()),
      budget_(options_.flow.maxBufferedBytes),
      repeats_(std::make_shared<run::SharedRetryBudget>()),
      seed_((std::uint64_t{std::random_device{}()} << 32) ^ std::random_device{}()),
      clock_(1),
      callbacks_(1),
      senders_(std::min(poolSize(options_.threads), cores())),
      pool_(poolSize(options_.threads)),
      backend_(options_.backend ? options_.backend
                                : connect(options_, [this](std::function<void()> task) { senders_.post(std::move(task)); })) {}

ClientCore::~ClientCore() {
  waitForRuns();
  gate_->waitUntilEmpty();
}

std::shared_ptr<ClientCore> ClientCore::make(ClientOptions options, const Connect& connect) {
  return {new ClientCore(std::move(options), connect), [](ClientCore* core) {
            if (core->forked())
              return;  // its threads do not exist in this process, so there is nothing to wait for and nothing to free safely
            if (!core->onOwnThread()) {
              delete core;
              return;
            }
            core->log(LogLevel::error,
                      "a client's last owner went away inside one of its own callbacks; it is being closed on another thread");
            std::thread([core] { delete core; }).detach();
          }};
}

std::size_t ClientCore::knownDimension() const {
  if (!embedder()) return 0;
  if (const auto known = dimension_.load(); known != 0) return known;
  return embedder()->traits().dimension;
}

std::size_t ClientCore::resolveDimension(std::stop_token stop) {
  const std::lock_guard lock(resolveMutex_);
  if (const auto known = knownDimension(); known != 0) return known;
  const auto found = embedder()->resolveDimension(std::move(stop));
  dimension_ = found;
  return found;
}

bool ClientCore::onOwnThread() const noexcept {
  return pool_.onPoolThread() || callbacks_.onPoolThread() || senders_.onPoolThread() || clock_.onPoolThread();
}

bool ClientCore::forked() const noexcept { return ::getpid() != processId_; }

void ClientCore::refuseAfterFork(std::string_view verb) const {
  if (forked()) throw ConfigError({std::string(verb) + ": this client was made before a fork; make a new one in the child process"});
}

void ClientCore::refuseBlocking(std::string_view verb) const {
  refuseAfterFork(verb);
  if (onOwnThread())
    throw ConfigError({std::string(verb) +
                       ": a blocking call inside a callback or embedder of the same client would wait for itself; use the "
                       "async verb, another thread or another client"});
}

void ClientCore::log(LogLevel level, std::string_view text) const noexcept {
  if (!options_.log) return;
  try {
    options_.log(level, text);
  } catch (...) {  // a logger's failure must not become the call's
  }
}

void ClientCore::runStarted() {
  const std::lock_guard lock(runsMutex_);
  ++runs_;
}

void ClientCore::runEnded() {
  const std::lock_guard lock(runsMutex_);
  --runs_;
  runsChanged_.notify_all();
}

void ClientCore::waitForRuns() {
  std::unique_lock lock(runsMutex_);
  runsChanged_.wait(lock, [this] { return runs_ == 0; });
}

}  // namespace qbatch
