#include "http/timer_queue.hpp"

namespace qbatch::http {

void TimerQueue::set(Id id, TimePoint time) {
  clear(id);
  if (time == TimePoint::max()) return;
  byTime_.emplace(time, id);
  times_.emplace(id, time);
}

void TimerQueue::clear(Id id) {
  const auto found = times_.find(id);
  if (found == times_.end()) return;
  byTime_.erase({found->second, id});
  times_.erase(found);
}

std::optional<TimerQueue::Id> TimerQueue::takeDue(TimePoint now) {
  if (byTime_.empty() || byTime_.begin()->first > now) return std::nullopt;
  const Id id = byTime_.begin()->second;
  clear(id);
  return id;
}

TimerQueue::TimePoint TimerQueue::next() const noexcept { return byTime_.empty() ? TimePoint::max() : byTime_.begin()->first; }

}  // namespace qbatch::http
