#include "rest/marks.hpp"

#include <future>
#include <utility>

#include "metrics/guarded_operation.hpp"
#include "metrics/old_marks.hpp"
#include "rest/operation.hpp"

namespace qbatch::rest {

namespace {

using Clock = std::chrono::steady_clock;

bool carriedOut(Answered& answered) {
  if (answered.verdict.kind != Verdict::Kind::completed) return false;
  try {
    return codec::decodeBatchWrite(answered.body) == codec::WriteStatus::completed;
  } catch (const codec::DecodeError&) {
    return false;
  }
}

// It would be refused again, as by a collection that wants an index for each filter: then the marks stay.
bool refused(const Answered& answered) {
  return answered.verdict.kind == Verdict::Kind::fatal || answered.verdict.kind == Verdict::Kind::itemAtFault;
}

}  // namespace

std::vector<metrics::KnownPoint> Marks::take(const std::string& collection, std::span<const MetricChange> changes) {
  std::vector<metrics::KnownPoint> known;
  const std::lock_guard lock(mutex_);
  for (const auto& change : changes) known.push_back(memory_.take(collection, change.id));
  return known;
}

void Marks::giveBack(const std::string& collection, std::vector<metrics::FlushedPoint> points, std::uint64_t sequence) {
  const std::lock_guard lock(mutex_);
  for (auto& point : points) memory_.giveBack(collection, std::move(point), sequence, Clock::now());
}

bool Marks::any() {
  const std::lock_guard lock(mutex_);
  return !memory_.empty();
}

void Marks::replaced(const std::string& collection, std::span<const PointId> ids) {
  const std::lock_guard lock(mutex_);
  for (const auto& id : ids) memory_.replaced(collection, id);
}

std::optional<std::size_t> Marks::tooManyUnresolved() {
  const std::lock_guard lock(mutex_);
  return memory_.full() ? std::optional(memory_.unresolved()) : std::nullopt;
}

std::optional<Marks::Removal> Marks::due() {
  const std::lock_guard lock(mutex_);
  return memory_.due(Clock::now());
}

void Marks::removed(const Removal& removal, Answered& answered) {
  const std::lock_guard lock(mutex_);
  memory_.removed(removal, carriedOut(answered) || refused(answered));
}

Call Marks::removalCall(const Removal& removal, const std::string& writer, Channel& channel) {
  metrics::Flush flush;
  flush.writer = writer;
  const metrics::MarkRemoval marks{flush.markKey(), removal.upTo, removal.ids};
  const codec::BatchOperation operations[] = {marks.operation(0, marks.ids.size())};
  auto call = batchCall(channel, removal.collection, operations);
  call.query = channel.writeParameters(true, true);
  return call;
}

void Marks::removeAll(const std::string& writer, const std::shared_ptr<Channel>& channel, std::chrono::milliseconds limit) {
  CallLimits limits;
  limits.deadline = Clock::now() + limit;
  const auto next = [this] {
    const std::lock_guard lock(mutex_);
    return memory_.last();
  };
  while (const auto removal = next()) {
    const auto promise = std::make_shared<std::promise<bool>>();
    auto passed = promise->get_future();
    channel->send(removalCall(*removal, writer, *channel), limits,
                  [promise](Answered answered) { promise->set_value(carriedOut(answered) || refused(answered)); });
    if (!passed.get()) return;
  }
}

}  // namespace qbatch::rest
