#pragma once
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "batch/batch_machine.hpp"
#include "support/campaign.hpp"
#include "support/model_server.hpp"

namespace qbatch::test {

/// One random schedule for the batch machine: options, a model server, chunks that come over time, perhaps a cancel. run() plays it in
/// simulated time and watches the invariants; problems() says which were broken.
class MachineDriver {
 public:
  explicit MachineDriver(std::uint64_t seed);
  void run();
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }
  /// How the items ended, for checks that a campaign reaches every outcome.
  [[nodiscard]] const std::map<Outcome, std::size_t>& outcomes() const { return outcomes_; }

 private:
  struct Item {
    bool inFlight = false, maybeApplied = false, acknowledged = false, sent = false, inserted = false;
    unsigned attempts = 0;
    std::optional<unsigned> before;  // what stood there, once it was read
    std::optional<Outcome> outcome;
  };
  struct Event {
    enum class Kind { reply, readBack, add, close, cancel } kind;
    std::uint64_t id{};
    std::vector<std::size_t> items{};
    Verdict verdict{};
    std::vector<batch::Found> found{};
    std::size_t count{};
  };

  static batch::MachineOptions randomOptions(Random& random);
  void plan();
  void send(const batch::BatchMachine::Send& action);
  void readBack(const batch::BatchMachine::Send& action, const std::vector<std::size_t>& items);
  [[nodiscard]] batch::Found foundAt(std::size_t index);
  void happen(const Event& event);
  void reply(const Event& event);
  void onSettled(const batch::Settlement& settlement);
  void checkOutcome(std::size_t index, const Item& item);
  void checkRequestCount();
  void checkEnd();
  void checkWait(batch::TimePoint until);
  void expect(bool holds, const std::string& invariant);
  void at(milliseconds offset, Event event) { events_.emplace(now_ + offset, std::move(event)); }

  Random random_;
  std::size_t count_, mostInChunk_;
  batch::MachineOptions options_;
  ModelServer server_;
  batch::BatchMachine machine_;
  std::vector<Item> items_;
  std::multimap<batch::TimePoint, Event> events_;
  std::vector<std::string> problems_;
  std::map<Outcome, std::size_t> outcomes_;
  const batch::TimePoint start_{std::chrono::hours(1)};
  batch::TimePoint now_ = start_, lastNews_ = start_, silentUntil_ = start_;
  [[nodiscard]] bool canLook() const { return options_.readBack && options_.writes && options_.resendAmbiguous; }

  std::size_t chunks_ = 0, passes_ = 0, transients_ = 0, unknowns_ = 0;
  bool suspected_ = false, probing_ = false, probed_ = false, cancelled_ = false;
};

inline MachineDriver::MachineDriver(std::uint64_t seed)
    : random_(seed),
      count_(random_.chance(5) ? 0 : random_.between(1, random_.chance(20) ? 600 : 150)),
      mostInChunk_(random_.between(1, random_.chance(50) ? 10 : 150)),
      options_(randomOptions(random_)),
      server_(ServerTraits::random(random_, count_), random_),
      machine_(options_, [this](const batch::Settlement& settlement) { onSettled(settlement); }),
      items_(count_) {
  plan();
}

inline batch::MachineOptions MachineDriver::randomOptions(Random& random) {
  batch::MachineOptions options;
  options.retry.firstDelay = milliseconds(random.below(200));
  options.retry.maxDelay = milliseconds(random.below(5000));
  options.retry.patience = milliseconds(random.chance(10) ? 0 : random.between(1000, 30000));
  options.retry.connectPatience = milliseconds(random.below(6000));
  options.maxInFlight = random.between(1, 9);
  options.adaptive = random.chance(70);
  options.writes = random.chance(75);
  options.resendAmbiguous = random.chance(75);
  options.readBack = random.chance(75);
  options.followAccepted = random.chance(75);
  options.seed = random.below(1000000);
  return options;
}

/// Chunks come at once or over time, as from an embedder; a third of the schedules is cancelled at some time.
inline void MachineDriver::plan() {
  const auto pause = random_.chance(50) ? 0 : random_.between(1, random_.chance(10) ? 20000 : 300);
  milliseconds when{0};
  for (std::size_t added = 0; added < count_; ++chunks_) {
    Event event{Event::Kind::add};
    event.count = std::min<std::size_t>(random_.between(1, mostInChunk_), count_ - added);
    added += event.count;
    at(when, event);
    when += milliseconds(random_.below(pause + 1));
  }
  at(when, Event{Event::Kind::close});
  if (random_.chance(33)) at(milliseconds(random_.below(random_.chance(50) ? 500 : 20000)), Event{Event::Kind::cancel});
}

inline void MachineDriver::expect(bool holds, const std::string& invariant) {
  if (!holds && problems_.size() < 10) {
    problems_.push_back(std::to_string(std::chrono::duration_cast<milliseconds>(now_ - start_).count()) + " ms: " + invariant);
  }
}

inline void MachineDriver::run() {
  using Machine = batch::BatchMachine;
  for (std::size_t steps = 0; problems_.empty(); ++steps) {
    expect(steps < 200000, "the end is reached in a bounded number of steps");
    const auto action = machine_.next(now_);
    if (const auto* sending = std::get_if<Machine::Send>(&action)) {
      send(*sending);
      continue;
    }
    if (std::holds_alternative<Machine::Done>(action)) break;
    const auto until = std::get<Machine::Wait>(action).until;
    checkWait(until);
    const auto event = events_.begin();
    if (event == events_.end() || until < event->first) {
      if (until == batch::TimePoint::max()) break;
      now_ = until;
      continue;
    }
    now_ = event->first;
    const auto happening = event->second;
    events_.erase(event);
    happen(happening);
  }
  checkEnd();
}

inline void MachineDriver::checkWait(batch::TimePoint until) {
  expect(until > now_, "a wait lies in the future");
  expect(until != batch::TimePoint::max() || !events_.empty(), "the machine waits for an event only where one can come");
  const auto bound = options_.retry.patience + options_.retry.connectPatience + options_.retry.maxDelay + server_.traits().retryAfter + 1s;
  expect(until == batch::TimePoint::max() || until <= now_ + bound, "a wait is bounded");
}

inline void MachineDriver::send(const batch::BatchMachine::Send& action) {
  std::vector<std::size_t> carried;
  for (const auto& range : action.positions.ranges())
    for (auto index = range.first; index < range.last; ++index) carried.push_back(index);
  expect(!carried.empty() && carried.back() < count_, "a request carries items that were added");
  if (!problems_.empty()) return;
  expect(machine_.inFlight() <= options_.maxInFlight, "never more than the window in flight");
  expect(!probing_ || machine_.inFlight() == 1, "one request at once between the first refusal by size and the next success");
  expect(now_ >= silentUntil_, "silence as long as the server asked for it");
  expect(!machine_.stopped(), "nothing is sent after the batch was stopped");
  for (const auto index : carried) {
    auto& item = items_[index];
    expect(!item.outcome, "a settled item is never sent again");
    expect(!item.inFlight, "no item is in two requests at once");
    item.inFlight = true;
  }
  if (action.readBack) return readBack(action, carried);
  ModelRequest request{carried, {}};
  const auto known = [this](std::size_t index) { return items_[index].before.has_value(); };
  if (action.again && options_.readBack && std::all_of(carried.begin(), carried.end(), known))
    for (const auto index : carried) request.before.push_back(items_[index].before);
  for (const auto index : carried) {
    auto& item = items_[index];
    expect(options_.resendAmbiguous || !options_.writes || !item.maybeApplied, "what may have been applied is not sent again");
    expect(!canLook() || !item.maybeApplied || !request.before.empty(), "what may have been applied is read back before it is sent again");
    expect(action.attempt >= item.attempts + 1, "attempts are counted");  // those that were looked for together count as the most tried
    item.sent = true;
    item.attempts = action.attempt;
    item.inserted = !request.before.empty() && std::all_of(request.before.begin(), request.before.end(),
                                                           [](const auto& before) { return *before == ModelServer::nothing; });
  }
  Event answer{Event::Kind::reply, action.id, carried, server_.handle(request, now_)};
  at(milliseconds(random_.between(0, static_cast<std::uint64_t>(server_.traits().latency.count()))), std::move(answer));
}

inline void MachineDriver::readBack(const batch::BatchMachine::Send& action, const std::vector<std::size_t>& carried) {
  expect(canLook(), "only what can be read back is read back");
  Event answer{Event::Kind::readBack, action.id, carried, server_.read(now_)};
  if (answer.verdict.kind == Verdict::Kind::completed)
    for (const auto index : carried) answer.found.push_back(foundAt(index));
  at(milliseconds(random_.between(0, static_cast<std::uint64_t>(server_.traits().latency.count()))), std::move(answer));
}

inline batch::Found MachineDriver::foundAt(std::size_t index) {
  const auto content = server_.content(index);
  auto& before = items_[index].before;
  if (content == ModelServer::ours) return batch::Found::asSent;
  if (before && *before != content) return batch::Found::superseded;
  before = content;
  return batch::Found::untouched;
}

inline void MachineDriver::happen(const Event& event) {
  switch (event.kind) {
    case Event::Kind::reply:
      return reply(event);
    case Event::Kind::readBack:
      for (const auto index : event.items) items_[index].inFlight = false;
      machine_.lookedBack(event.id, event.verdict, event.found, now_);
      transients_ += event.verdict.kind != Verdict::Kind::completed;
      if (event.verdict.retryAfter) silentUntil_ = std::max(silentUntil_, now_ + *event.verdict.retryAfter);
      if (std::any_of(event.found.begin(), event.found.end(), [](auto found) { return found != batch::Found::untouched; }))
        lastNews_ = now_;
      return;
    case Event::Kind::add:
      machine_.add(event.count);
      break;
    case Event::Kind::close:
      machine_.close();
      break;
    case Event::Kind::cancel:
      cancelled_ = true;
      machine_.cancel(Error(Errc::cancelled, Origin::caller, "enough"), now_);
      expect(machine_.waiting() == 0, "a cancel settles what waits at once");
  }
  lastNews_ = now_;
}

inline void MachineDriver::reply(const Event& event) {
  using Kind = Verdict::Kind;
  const auto& verdict = event.verdict;
  const bool passed = verdict.kind == Kind::completed || verdict.kind == Kind::acknowledged;
  const bool bySize = verdict.kind == Kind::tooLarge;
  const bool broken = passed && !verdict.items.empty() && verdict.items.back().position >= event.items.size();
  for (const auto index : event.items) {
    auto& item = items_[index];
    item.inFlight = false;
    item.maybeApplied = item.maybeApplied || (options_.writes && (verdict.maybeApplied || verdict.conditional || broken));
    item.acknowledged = item.acknowledged || verdict.kind == Kind::acknowledged;
  }
  const auto splits = machine_.counters().splits;
  machine_.settled(event.id, verdict, now_);
  expect(verdict.kind != Kind::fatal || machine_.stopped(), "a fatal answer stops the batch");
  // Divided for its size, suspected or told: that was no attempt.
  const bool divided = bySize || (verdict.kind == Kind::unavailable && machine_.counters().splits > splits);
  for (const auto index : event.items)
    if (divided) items_[index].attempts -= !items_[index].outcome;
  passes_ += passed;
  transients_ += verdict.kind == Kind::throttled || verdict.kind == Kind::unavailable;
  unknowns_ += broken;
  if (passed || bySize || verdict.kind == Kind::itemAtFault) lastNews_ = now_;
  suspected_ = suspected_ || (divided && !bySize);
  probing_ = !passed && (probing_ || (divided && !probed_));
  probed_ = probed_ || divided;
  if (verdict.retryAfter) silentUntil_ = std::max(silentUntil_, now_ + *verdict.retryAfter);
}

inline void MachineDriver::onSettled(const batch::Settlement& settlement) {
  const auto range = settlement.range;
  expect(range.first < range.last && range.last <= count_, "a settlement names items that were added");
  if (!problems_.empty()) return;
  const bool fine = settlement.outcome == Outcome::done || settlement.outcome == Outcome::accepted;
  expect(fine != static_cast<bool>(settlement.error), "an error exactly where the item is neither done nor accepted");
  for (auto index = range.first; index < range.last; ++index) {
    auto& item = items_[index];
    expect(!item.outcome, "every item settles once");
    expect(!item.inFlight, "an item in flight is not settled");
    if (!item.sent || settlement.outcome != Outcome::unsent) lastNews_ = now_;
    expect(settlement.attempts >= item.attempts, "a settlement tells the attempts");
    item.outcome = settlement.outcome;
    // Now, not at the end: what is queued must not make a premature `done` true.
    // Where another client was faster to insert, its write counts as the later one.
    if (settlement.outcome == Outcome::done)
      expect(server_.applied(index) || (item.inserted && server_.writtenByOther(index)) || settlement.superseded, "done was applied");
    if (settlement.superseded) expect(settlement.outcome == Outcome::done && server_.writtenByOther(index), "superseded by somebody");
    ++outcomes_[settlement.outcome];
  }
}

inline void MachineDriver::checkOutcome(std::size_t index, const Item& item) {
  if (!item.outcome) return expect(false, "every item settles");
  const bool applied = server_.applied(index);
  switch (*item.outcome) {
    case Outcome::done:
      break;  // checked when it was settled
    case Outcome::accepted:
      expect(item.acknowledged, "accepted was acknowledged");
      break;
    case Outcome::rejected:
      expect(server_.refuses(index) && !applied, "rejected was at fault");
      break;
    case Outcome::failed:
      // What another client has taken away again cannot be told from what was never there.
      expect((!applied || !options_.writes || (canLook() && server_.writtenByOther(index))) && item.sent,
             "failed was tried and not applied");
      break;
    case Outcome::unsent:
      expect(!applied && item.attempts == 0, "unsent was not tried");
      break;
    case Outcome::unknown:
      expect(item.maybeApplied, "unknown had an attempt that may have been applied");
  }
  const bool claimsUntouched = item.outcome == Outcome::failed || item.outcome == Outcome::unsent;
  expect(!claimsUntouched || !item.maybeApplied || canLook(), "what may have been applied ends neither failed nor unsent");
  const bool once = options_.writes && !options_.resendAmbiguous && server_.traits().applyTwice == 0;
  expect(!once || server_.timesApplied(index) <= 1, "what must not be repeated is applied at most once");
}

/// Requests beyond one a chunk, without repeats after passing faults: three times the depth of a chunk for each bad item, and with a limit
/// by size what the division needs.
inline void MachineDriver::checkRequestCount() {
  const auto& counters = machine_.counters();
  const auto depth = static_cast<std::size_t>(std::ceil(std::log2(static_cast<double>(mostInChunk_) + 1)));
  auto bound = chunks_ + server_.badItems() * (3 * depth + 3) + unknowns_ * 3 * mostInChunk_;
  if (server_.traits().sizeLimit > 0) bound += 4 * chunks_ + 8 * count_ / server_.traits().sizeLimit;
  if (suspected_) bound += 4 * chunks_ + 8 * count_;
  if (server_.hugeItems() > 0) bound += 4 * count_ + 3 * depth;
  expect(counters.sends - counters.retries <= bound,
         "requests stay within bound: " + std::to_string(counters.sends - counters.retries) + " of " + std::to_string(bound) + " allowed");
  expect(counters.sends - counters.retries <= chunks_ + 2 * counters.splits + counters.looks,
         "every request is a chunk, a part of one, or a repeat");
  expect(counters.retries <= transients_ + 4 * chunks_ * (depth + 1) + 3 * unknowns_ * mostInChunk_ || canLook(),
         "a repeat needs a passing fault");
  const auto seconds = std::chrono::duration<double>(now_ - start_).count();
  expect(static_cast<double>(counters.retries) <= 10.0 + seconds + 0.1 * static_cast<double>(passes_) + 1e-6,
         "repeats stay within their budget");
}

inline void MachineDriver::checkEnd() {
  if (!problems_.empty()) return;
  expect(std::holds_alternative<batch::BatchMachine::Done>(machine_.next(now_)), "the machine ends with Done, and stays there");
  expect(machine_.inFlight() == 0 && machine_.waiting() == 0, "at the end nothing is left");
  const auto& retry = options_.retry;
  const auto patience = std::max(retry.patience, retry.connectPatience);
  expect(now_ <= lastNews_ + patience + server_.traits().retryAfter + retry.maxDelay + 2 * server_.traits().latency + 1s,
         "the end comes within patience of the last progress");
  expect(!cancelled_ || machine_.stopped() || count_ == 0, "a cancelled batch says so");
  server_.applyQueued();
  for (std::size_t index = 0; index < count_ && problems_.empty(); ++index) checkOutcome(index, items_[index]);
  checkRequestCount();
}

}  // namespace qbatch::test
