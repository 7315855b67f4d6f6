#include "qbatch/answer_store.hpp"

#include <chrono>
#include <list>
#include <thread>
#include <utility>
#include <vector>

#include "local/answer_commit.hpp"
#include "local/answer_file.hpp"
#include "local/answer_queue.hpp"
#include "qbatch/error.hpp"

namespace qbatch {
namespace {

using local::AnswerJob;

constexpr std::size_t longestKey = 255;
constexpr std::chrono::seconds longestKeep = std::chrono::hours(24 * 36525);  // a hundred years; more would not fit the clock
constexpr const char* closedText = "the store of answers was closed";

local::AnswerLimits checked(const AnswerStoreOptions& options) {
  if (options.keep < std::chrono::seconds(1) || options.keep > longestKeep)
    throw ConfigError({"keep: is " + std::to_string(options.keep.count()) + " seconds; give 1 second to 100 years"});
  return {std::chrono::milliseconds(options.keep).count(), options.maxBytes};
}

local::WallTime presentTime() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

struct AnswerStore::Claim::State {
  std::shared_ptr<local::AnswerQueue> queue;
  std::list<AnswerJob> job;  // one; made before it is needed, because dropping a claim must not need memory
  bool given = false;        // somebody has the right
};

AnswerStore::Claim::Claim(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
AnswerStore::Claim::Claim(Claim&&) noexcept = default;

AnswerStore::Claim& AnswerStore::Claim::operator=(Claim&& other) noexcept {
  const Claim former(std::exchange(state_, std::exchange(other.state_, nullptr)));
  return *this;
}

AnswerStore::Claim::~Claim() {
  // Where the store is closed, the next process finds that it was begun.
  if (state_ && state_->given) static_cast<void>(state_->queue->push(state_->job));
}

void AnswerStore::Claim::keep(std::string answer, std::function<void(std::string problem)> then) {
  if (!state_) throw ConfigError({"claim: it has its answer already, or was moved from"});
  const auto state = std::move(state_);
  auto& what = state->job.front().what;
  what = local::AnswerKeep{std::move(answer), std::move(then)};
  if (state->queue->push(state->job)) return;
  if (const auto& refused = std::get<local::AnswerKeep>(what).then) refused(closedText);
}

struct AnswerStore::Impl {
  explicit Impl(const AnswerStoreOptions& options)
      : limits(checked(options)), file(options.file, limits), commit(file, limits, presentTime) {}

  void carryOut() {
    for (;;) {
      auto [jobs, closed] = queue->takeAll();
      if (closed) return commit.close(std::move(jobs));
      commit.run(std::move(jobs));
    }
  }

  local::AnswerLimits limits;
  local::AnswerFile file;
  local::AnswerCommit commit;
  std::shared_ptr<local::AnswerQueue> queue = std::make_shared<local::AnswerQueue>();  // claims have it, too
  std::thread thread;
};

AnswerStore::AnswerStore(AnswerStoreOptions options) : impl_(std::make_shared<Impl>(options)) {
  // The thread shares what it works with, for the case that the store is destroyed on that very thread.
  impl_->thread = std::thread([impl = impl_] { impl->carryOut(); });
}

AnswerStore::~AnswerStore() {
  impl_->queue->close();
  if (impl_->thread.get_id() == std::this_thread::get_id()) {
    impl_->thread.detach();
  } else {
    impl_->thread.join();
  }
}

void AnswerStore::ask(std::string_view key, std::string_view request, bool repeatable, std::function<void(Turn)> then) {
  if (key.empty() || key.size() > longestKey)
    throw ConfigError({"key: has " + std::to_string(key.size()) + " bytes; give it 1 to " + std::to_string(longestKey)});
  auto state = std::make_unique<Claim::State>();
  state->queue = impl_->queue;
  state->job.push_back({std::string(key), local::AnswerDrop{}});
  std::list<AnswerJob> job;
  Claim::State* const inside = state.get();
  job.push_back({std::string(key), local::AnswerAsker{PointId::forContent("", request, ""), repeatable, {}}});
  auto& asker = std::get<local::AnswerAsker>(job.front().what);
  asker.then = [inside, claim = std::shared_ptr<Claim>(new Claim(std::move(state))), then = std::move(then)](Turn turn) mutable {
    if (turn.kind == Turn::Kind::first) {
      inside->given = true;
      turn.claim = std::move(claim);  // not held here, too: it is dropped when they drop it
    }
    then(std::move(turn));
  };
  if (!impl_->queue->push(job)) asker.then({Turn::Kind::broken, closedText, {}});
}

}  // namespace qbatch
