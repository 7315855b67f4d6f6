#include "local/answer_turns.hpp"

#include <iterator>
#include <utility>

namespace qbatch::local {
namespace {

using Turn = AnswerStore::Turn;

std::size_t sizeOf(const AnswerTurns::Unwritten& entry) { return entry.key.size() + (entry.answer ? entry.answer->size() : 0); }

}  // namespace

Turn AnswerTurns::turnFor(const PointId& request, const std::optional<KnownAnswer>& known) {
  if (!known) return {Turn::Kind::first};
  if (known->request != request) return {Turn::Kind::otherRequest};
  if (!known->answer) return {Turn::Kind::interrupted};
  return {Turn::Kind::repeat, *known->answer};
}

const AnswerTurns::Running* AnswerTurns::running(std::string_view key) const {
  const auto found = running_.find(key);
  return found == running_.end() ? nullptr : &found->second;
}

void AnswerTurns::start(const std::string& key, const PointId& request, bool begun) {
  running_.emplace(key, Running{request, begun});
  dropUnwritten(key);
}

bool AnswerTurns::wait(std::string_view key, AnswerAsker& asker) {
  Running& running = running_.find(key)->second;
  if (running.request != asker.request) return false;
  running.waiting.push_back(std::move(asker));
  return true;
}

std::deque<AnswerAsker> AnswerTurns::finish(std::string_view key) {
  const auto found = running_.find(key);
  auto waiting = std::move(found->second.waiting);
  running_.erase(found);
  return waiting;
}

std::optional<AnswerAsker> AnswerTurns::pass(std::string_view key, bool begun) {
  const auto found = running_.find(key);
  Running& running = found->second;
  if (running.waiting.empty()) {
    running_.erase(found);
    return std::nullopt;
  }
  running.begun = begun;
  auto next = std::move(running.waiting.front());
  running.waiting.pop_front();
  return next;
}

std::deque<AnswerAsker> AnswerTurns::takeWaiting() {
  std::deque<AnswerAsker> all;
  for (auto& [key, running] : running_) {
    for (auto& asker : running.waiting) all.push_back(std::move(asker));
    running.waiting.clear();
  }
  return all;
}

void AnswerTurns::addUnwritten(Unwritten entry) {
  dropUnwritten(entry.key);
  bytes_ += sizeOf(entry);
  unwritten_.push_back(std::move(entry));
  places_.emplace(unwritten_.back().key, std::prev(unwritten_.end()));
  // As in the file, the newest stays, however large it is.
  while (limits_.maxBytes != 0 && bytes_ > limits_.maxBytes && unwritten_.size() > 1) dropUnwritten(unwritten_.front().key);
}

const AnswerTurns::Unwritten* AnswerTurns::unwritten(std::string_view key) const {
  const auto found = places_.find(key);
  return found == places_.end() ? nullptr : &*found->second;
}

void AnswerTurns::dropUnwritten(std::string_view key) {
  const auto found = places_.find(key);
  if (found == places_.end()) return;
  const auto entry = found->second;
  bytes_ -= sizeOf(*entry);
  places_.erase(found);
  unwritten_.erase(entry);
}

void AnswerTurns::expire(WallTime now) {
  while (!unwritten_.empty() && limits_.over(unwritten_.front().at, now)) dropUnwritten(unwritten_.front().key);
}

}  // namespace qbatch::local
