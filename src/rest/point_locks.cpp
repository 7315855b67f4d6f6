#include "rest/point_locks.hpp"

#include <algorithm>

namespace qbatch::rest {

PointLocks::Ticket PointLocks::acquire(std::span<const PointId> ids, std::function<void()> ready) {
  Wish wish;
  wish.points.assign(ids.begin(), ids.end());
  wish.ready = std::move(ready);
  std::vector<std::function<void()>> granted;
  Ticket ticket = 0;
  {
    const std::lock_guard lock(mutex_);
    ticket = wish.ticket = next_++;
    wishes_.push_back(std::move(wish));
    granted = grant();
  }
  for (const auto& tell : granted) tell();
  return ticket;
}

void PointLocks::release(Ticket ticket) {
  std::vector<std::function<void()>> granted;
  {
    const std::lock_guard lock(mutex_);
    wishes_.remove_if([&](const Wish& wish) { return wish.ticket == ticket; });
    granted = grant();
  }
  for (const auto& tell : granted) tell();
}

bool PointLocks::withdraw(Ticket ticket) {
  std::vector<std::function<void()>> granted;
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(wishes_.begin(), wishes_.end(), [&](const Wish& wish) { return wish.ticket == ticket; });
    if (found == wishes_.end() || found->holds) return false;
    wishes_.erase(found);
    granted = grant();  // what waited behind it
  }
  for (const auto& tell : granted) tell();
  return true;
}

std::vector<std::function<void()>> PointLocks::grant() {
  std::vector<std::function<void()>> granted;
  if (std::all_of(wishes_.begin(), wishes_.end(), [](const Wish& wish) { return wish.holds; })) return granted;
  std::set<PointId> taken;  // held, or wanted by somebody who came earlier
  for (auto& wish : wishes_) {
    if (!wish.holds && std::none_of(wish.points.begin(), wish.points.end(), [&](const PointId& point) { return taken.contains(point); })) {
      wish.holds = true;
      granted.push_back(std::move(wish.ready));
    }
    taken.insert(wish.points.begin(), wish.points.end());
  }
  return granted;
}

}  // namespace qbatch::rest
