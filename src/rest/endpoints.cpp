#include "rest/endpoints.hpp"

#include <utility>

namespace qbatch::rest {

namespace {
constexpr std::chrono::seconds rest{2};
}

Endpoints::Endpoints(std::vector<std::string> urls) : urls_(std::move(urls)), restUntil_(urls_.size(), TimePoint::min()) {}

std::size_t Endpoints::next(TimePoint now) {
  const std::lock_guard lock(mutex_);
  for (std::size_t tried = 0; tried < urls_.size(); ++tried) {
    const auto index = turn_++ % urls_.size();
    if (restUntil_[index] <= now) return index;
  }
  return turn_++ % urls_.size();
}

void Endpoints::failed(std::size_t index, TimePoint now) {
  const std::lock_guard lock(mutex_);
  restUntil_.at(index) = now + rest;
}

void Endpoints::answered(std::size_t index) {
  const std::lock_guard lock(mutex_);
  restUntil_.at(index) = TimePoint::min();
}

}  // namespace qbatch::rest
