#include "support/faulty_oracle.hpp"

#include <algorithm>
#include <array>

namespace qbatch::test {

namespace {

// True where the client could not know that nothing of this attempt was applied.
bool inDoubt(const Attempt& attempt) {
  if (attempt.heard == Heard::refused) return !attempt.alone;
  return attempt.heard != Heard::surelyNot;
}

}  // namespace

std::vector<Told> toldBy(const BatchReport& report, const std::function<PointId(std::size_t)>& id, const std::set<PointId>& bad) {
  std::vector<Told> items(report.size());
  for (std::size_t index = 0; index < items.size(); ++index) {
    auto& told = items[index];
    told.id = id(index);
    told.index = index;
    told.outcome = report.outcome(index);
    told.bad = bad.contains(told.id);
  }
  for (const auto& failure : report.failures()) {
    items.at(failure.index).attempts = failure.attempts;
    items.at(failure.index).message = failure.error.message();
  }
  for (const auto& note : report.notes())
    if (note.kind == ItemNote::Kind::superseded && note.other == note.index) items.at(note.index).superseded = true;
  return items;
}

void Oracle::problem(const std::string& kind, const Told& told, const PointHistory& history) {
  findings_.problem(kind, "item " + std::to_string(told.index) + ", point " + told.id.toString() + (told.bad ? " (bad)" : "") + ", is " +
                              std::string(toString(told.outcome)) + (told.superseded ? " (superseded)" : "") + " " + told.message +
                              "; the call ended at " + std::to_string(call_.end) + "; the point:" + history.text());
}

void Oracle::check(const Told& told, const AsSent& asSent) {
  findings_.count(std::string(toString(told.outcome)));
  if (told.superseded) findings_.count("superseded");
  const auto& history = server_.histories().at(told.id);
  const bool wrong =
      history.anyState([&](const PointState& state) { return state.author == Author::ours && state.content && !asSent(state.content); });
  if (wrong) problem("something else than what was sent is stored", told, history);
  if (told.bad && history.writtenBy(Author::ours)) problem("a bad item was applied (a fault of the test)", told, history);
  switch (told.outcome) {
    case Outcome::done:
      checkDone(told, history, asSent);
      break;
    case Outcome::accepted:
    case Outcome::unknown:
      checkUncertain(told, history);
      break;
    case Outcome::rejected:
    case Outcome::failed:
    case Outcome::unsent:
      checkUnapplied(told, history);
  }
  const auto triedAlone = [](const Attempt& attempt) { return attempt.alone && attempt.heard == Heard::refused; };
  if (told.outcome != Outcome::rejected && told.bad && history.anyAttempt(triedAlone))
    problem("a bad item that was refused alone is not rejected", told, history);
  if (call_.repeats != Repeats::unmetered) checkOverwritten(told, history);
}

// What an item asked for must have been so at some moment since its first write left.
bool Oracle::held(const PointHistory& history, const AsSent& asSent) const {
  const auto from = history.attempts.empty() ? history.states.front().at : history.attempts.front().at;
  for (std::size_t i = 0; i < history.states.size(); ++i) {
    const bool over = i + 1 < history.states.size() && history.states[i + 1].at <= from;
    if (!over && history.states[i].at <= call_.end && asSent(history.states[i].content)) return true;
  }
  return false;
}

void Oracle::checkDone(const Told& told, const PointHistory& history, const AsSent& asSent) {
  const auto byOthers = [&](const PointState& state) { return state.author == Author::other && state.at <= call_.end; };
  if (told.superseded) {
    if (!history.anyState(byOthers)) problem("superseded by nobody", told, history);
  } else if (!held(history, asSent) && !appearedBeforeTheInsert(history)) {
    const std::string others = history.states.front().content ? "; somebody else changed the point, and no note says so"
                                                              : "; somebody else made the point, and no note says so";
    problem("done, but it never held that" + (history.anyState(byOthers) ? others : std::string()), told, history);
  }
  if (history.last().author == Author::before && !asSent(history.last().content)) problem("done, and nothing has happened", told, history);
}

// Somebody else made the point between a look at it and the write for what is absent, which then changes nothing: as if ours had come
// first.
bool Oracle::appearedBeforeTheInsert(const PointHistory& history) {
  return history.anyAttempt([&](const Attempt& attempt) {
    const auto& there = history.heldAt(attempt.at);
    if (attempt.heard != Heard::carriedOut || there.author != Author::other || !there.content) return false;
    const auto read = std::find_if(history.reads.rbegin(), history.reads.rend(), [&](std::size_t at) { return at < attempt.at; });
    return read != history.reads.rend() && *read < there.at && !history.heldAt(*read).content;
  });
}

// Somebody else has made the point what it was before, and nobody who looks can tell.
bool Oracle::undone(const PointHistory& history) {
  const auto& states = history.states;
  for (std::size_t i = 1; i < states.size(); ++i) {
    if (states[i].author != Author::ours) continue;
    const bool again = std::any_of(states.begin() + static_cast<std::ptrdiff_t>(i), states.end(), [&](const PointState& later) {
      return later.author == Author::other && later.content == states[i - 1].content;
    });
    if (!again) return false;
  }
  return true;
}

void Oracle::checkUnapplied(const Told& told, const PointHistory& history) {
  const auto name = std::string(toString(told.outcome));
  if (history.writtenBy(Author::ours) && !undone(history)) problem(name + ", but it was applied", told, history);
  if (told.outcome == Outcome::rejected) {
    if (!told.bad) problem("a good item is rejected", told, history);
    return;
  }
  const auto left = [](const Attempt& attempt) { return attempt.heard != Heard::surelyNot; };
  if (told.outcome == Outcome::unsent && (told.attempts.value_or(1) != 0 || history.anyAttempt(left)))
    problem("unsent, but there were attempts", told, history);
  if (call_.well) problem(told.bad ? "a bad item is " + name : name + ", although the server was well", told, history);
}

// What is in the log may come before or after what somebody else wrote meanwhile; so nothing more can be known of it.
bool Oracle::writtenOver(const PointHistory& history) {
  return history.anyAttempt(
      [&](const Attempt& attempt) { return attempt.heard == Heard::inTheLog && history.writtenBy(Author::other, attempt.at); });
}

void Oracle::checkUncertain(const Told& told, const PointHistory& history) {
  const auto name = std::string(toString(told.outcome));
  const auto heardOfLog = [](const Attempt& attempt) { return attempt.heard == Heard::inTheLog; };
  const bool reason = told.outcome == Outcome::accepted ? history.anyAttempt(heardOfLog) : history.anyAttempt(inDoubt);
  if (!reason) problem(name + " without a reason", told, history);
  if (!call_.well) return;
  if (told.outcome == Outcome::accepted && (call_.queued || writtenOver(history))) return;
  const bool contended = history.writtenBy(Author::other, history.states.front().at + 1);
  problem(told.bad ? "a bad item is " + name + ", although the server was well"
                   : name + ", although the server was well" + (contended ? " (somebody else wrote)" : ""),
          told, history);
}

void Oracle::checkOverwritten(const Told& told, const PointHistory& history) {
  for (std::size_t i = 1; i < history.states.size(); ++i) {
    const auto& before = history.states[i - 1];
    const auto& after = history.states[i];
    if (after.author != Author::ours || before.author != Author::other || !before.content) continue;
    const auto kind = overwriteProblem(history, before, after);
    if (!kind.empty()) problem(kind, told, history);
  }
}

// A copy that was sent before the other client wrote may overwrite that whenever it arrives; so may a first attempt.
std::string Oracle::overwriteProblem(const PointHistory& history, const PointState& before, const PointState& after) const {
  const auto& attempts = history.attempts;
  const auto sent = std::find_if(attempts.begin(), attempts.end(), [&](const Attempt& one) { return one.request == after.request; });
  if (sent == attempts.end() || sent->at < before.at) return {};
  const auto first = std::find_if(attempts.begin(), attempts.end(), inDoubt);
  if (first == attempts.end() || first->at > before.at) return {};
  const auto lookedAfter = [&](std::size_t from) {
    return std::any_of(history.reads.begin(), history.reads.end(), [&](std::size_t at) { return from < at && at < sent->at; });
  };
  if (call_.repeats == Repeats::asFound) {
    const auto look = std::find_if(history.reads.begin(), history.reads.end(), [&](std::size_t at) { return at > first->at; });
    const bool found = look != history.reads.end() && *look < sent->at && before.at < *look;
    if (found) return {};
  }
  const bool onlyRefused = std::all_of(first, attempts.end(), [&](const Attempt& one) {
    return one.at > before.at || one.heard == Heard::refused || one.heard == Heard::surelyNot;
  });
  const std::string what =
      onlyRefused ? "what is sent again after refusals overwrote what somebody else wrote" : "a repeat overwrote what somebody else wrote";
  if (lookedAfter(before.at)) return what + ", and had looked";
  if (!lookedAfter(first->at)) return what + ", without looking";
  auto look = history.reads.end();
  while (look != history.reads.begin() && *(look - 1) >= sent->at) --look;
  const auto& known = history.heldAt(*(look - 1)).content;
  if (call_.guarded && known && !call_.guarded(*known, *before.content)) return {};  // no condition tells them apart
  return what + " after it had looked";
}

void Oracle::checkCounts(const BatchReport& report, std::size_t items, std::size_t mostRequests) {
  constexpr std::array outcomes{Outcome::done, Outcome::accepted, Outcome::rejected, Outcome::failed, Outcome::unknown, Outcome::unsent};
  std::size_t sum = 0;
  for (const auto outcome : outcomes) sum += report.count(outcome);
  const auto figures =
      std::to_string(report.size()) + " items, outcomes of " + std::to_string(sum) + ", stats of " + std::to_string(report.stats().items);
  if (report.size() != items || sum != items || report.stats().items != items) findings_.problem("figures do not add up", figures);
  if (server_.requests() > mostRequests)
    findings_.problem("too many requests", std::to_string(server_.requests()) + " instead of " + std::to_string(mostRequests));
}

}  // namespace qbatch::test
