#include "http/host_queue.hpp"

#include <algorithm>

namespace qbatch::http {

HostQueue::HostQueue(std::size_t places) : places_(std::max<std::size_t>(places, 1)) {}

bool HostQueue::enter(const std::string& host, Id id) {
  Lane& lane = lanes_[host];
  if (lane.taken < places_) {
    ++lane.taken;
    return true;
  }
  lane.waiting.push_back(id);
  return false;
}

std::optional<HostQueue::Id> HostQueue::leave(const std::string& host) {
  const auto found = lanes_.find(host);
  if (found == lanes_.end()) return std::nullopt;
  Lane& lane = found->second;
  if (!lane.waiting.empty()) {
    const Id next = lane.waiting.front();
    lane.waiting.pop_front();
    return next;
  }
  if (--lane.taken == 0) lanes_.erase(found);
  return std::nullopt;
}

void HostQueue::giveUp(const std::string& host, Id id) {
  const auto found = lanes_.find(host);
  if (found != lanes_.end()) std::erase(found->second.waiting, id);
}

}  // namespace qbatch::http
