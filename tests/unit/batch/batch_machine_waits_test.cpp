#include "batch/batch_machine.hpp"
#include "support/machine_rig.hpp"

// The batch machine where time and passing faults are involved.

using namespace qbatch;
using namespace qbatch::batch;
using namespace qbatch::test;

namespace {
MachineOptions withWindow(std::size_t window) {
  MachineOptions options;
  options.maxInFlight = window;
  return options;
}
}  // namespace

TEST_CASE("batch_machine: what meets a passing fault is sent again after a jittered wait", "[batch]") {
  MachineRig rig;
  rig.fill({5});
  rig.answer(rig.send(), busy());
  const auto until = rig.wait();
  CHECK(until > rig.now);
  CHECK(until <= rig.now + 50ms);
  const auto again = rig.sendLater();
  CHECK(again.positions == Range{0, 5});
  CHECK(again.attempt == 2);
  rig.answer(again, completed());
  CHECK(rig.done());
  CHECK(rig.outcomes(5) == "ddddd");
  CHECK(rig.of(0)->attempts == 2);
  CHECK(rig.machine.counters().retries == 1);
}

TEST_CASE("batch_machine: the bound of the waits doubles with each fault in a row", "[batch]") {
  std::chrono::nanoseconds longest[6] = {};
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    auto options = withWindow(1);
    options.seed = seed;
    MachineRig rig(options);
    rig.fill({1});
    auto sent = rig.send();
    for (auto& most : longest) {
      rig.answer(sent, busy());
      const auto before = rig.now;
      sent = rig.sendLater();
      most = std::max<std::chrono::nanoseconds>(most, rig.now - before);
    }
  }
  std::chrono::nanoseconds bound = 50ms;
  for (const auto most : longest) {
    CHECK(most <= bound);
    CHECK(most > bound / 2);
    bound *= 2;
  }
}

TEST_CASE("batch_machine: gives up when patience passes without progress", "[batch]") {
  MachineRig rig(withWindow(1));
  rig.fill({1, 1});
  const auto start = rig.now;
  rig.answer(rig.send(), busy());  // an answer: so patience counts, not connectPatience
  rig.playOut([](Range) { return unavailable(); });
  CHECK(rig.now == start + 120s);
  CHECK(rig.done());
  CHECK(rig.outcomes(2) == "ff");  // new chunks are tried rarely in an outage, but they are
  CHECK(rig.machine.stopped().message() == "gave up after 120 s without progress (retry.patience): no answer");
  CHECK(rig.machine.stopped().code() == Errc::unavailable);
  CHECK(rig.of(0)->error.message() == rig.machine.stopped().message());
}

TEST_CASE("batch_machine: before the first answer patience is short, and new chunks stay unsent", "[batch]") {
  MachineRig rig(withWindow(4));
  rig.fill(std::vector<std::size_t>(100, 1));
  const auto start = rig.now;
  auto verdict = unavailable();
  verdict.neverConnected = true;
  rig.playOut([&](Range) { return verdict; });
  CHECK(rig.now == start + 5s);
  CHECK(rig.outcomes(100).substr(0, 4) == "ffff");
  CHECK(rig.outcomes(100).substr(10) == std::string(90, 'n'));
  CHECK(rig.machine.stopped().message() == "gave up after 5 s without a first answer (retry.connectPatience): no answer");
  CHECK(rig.machine.counters().retries <= 15);
}

TEST_CASE("batch_machine: progress anywhere renews patience", "[batch]") {
  auto options = withWindow(2);
  options.retry.patience = 10s;
  MachineRig rig(options);
  rig.machine.add(1);
  auto poisoned = rig.send();
  for (int i = 0; i < 20; ++i) {
    rig.machine.add(1);
    const auto other = rig.send();
    rig.answer(poisoned, busy());
    rig.answer(other, completed());
    rig.now += 6s;
    poisoned = rig.send();
    REQUIRE(poisoned.positions == Range{0, 1});
  }
  CHECK_FALSE(rig.machine.stopped());
  rig.answer(poisoned, completed());
  CHECK(rig.of(0)->attempts == 21);
}

TEST_CASE("batch_machine: a chunk that alone makes the server fail does not hold up the others", "[batch]") {
  for (const std::size_t window : {1u, 4u}) {
    MachineRig rig(withWindow(window));
    rig.fill({1, 1, 1, 1, 1, 1, 1, 1});
    rig.playOut([](Range range) { return range.first == 0 ? busy() : completed(); });
    CHECK(rig.outcomes(8) == "fddddddd");
  }
}

TEST_CASE("batch_machine: what is in flight when patience has run out may still bring progress", "[batch]") {
  auto options = withWindow(2);
  options.retry.patience = options.retry.connectPatience = 1s;
  MachineRig rig(options);
  rig.fill({1, 1});
  const auto sent = rig.sendAll();
  rig.answer(sent[0], busy());
  rig.now += 2s;
  CHECK(rig.wait() == TimePoint::max());
  CHECK(rig.outcomes(2) == "..");
  rig.answer(sent[1], completed());
  rig.answer(rig.send(), completed());
  CHECK(rig.outcomes(2) == "dd");
}

TEST_CASE("batch_machine: idle time is not impatience", "[batch]") {
  auto options = withWindow(1);
  options.resendAmbiguous = false;
  MachineRig rig(options);
  rig.machine.add(1);
  rig.answer(rig.send(), unavailable(true));
  rig.now += 1h;  // as an embedder may take
  rig.machine.add(1);
  rig.machine.close();
  rig.answer(rig.send(), completed());
  CHECK(rig.outcomes(2) == "ud");
}

TEST_CASE("batch_machine: repeats are limited by their budget", "[batch]") {
  MachineRig rig(withWindow(20));
  rig.fill(std::vector<std::size_t>(20, 1));
  for (const auto& sent : rig.sendAll()) rig.answer(sent, busy());
  rig.now += 50ms;  // all are due
  const auto repeats = rig.sendAll();
  CHECK(repeats.size() == 10);
  const auto next = rig.wait();  // one second after the last was spent
  CHECK(next == rig.now + 1s);
  rig.now = next;
  CHECK(rig.sendAll().size() == 1);
}

TEST_CASE("batch_machine: ten successes earn a repeat", "[batch]") {
  MachineRig rig(withWindow(30));
  rig.fill(std::vector<std::size_t>(30, 1));
  const auto sent = rig.sendAll();
  REQUIRE(sent.size() == 30);
  for (std::size_t i = 0; i < 20; ++i) rig.answer(sent[i], busy());
  rig.now += 50ms;
  CHECK(rig.sendAll().size() == 10);
  for (std::size_t i = 20; i < 29; ++i) rig.answer(sent[i], completed());
  CHECK(rig.sendAll().empty());
  rig.answer(sent[29], completed());
  CHECK(rig.sendAll().size() == 1);
}

TEST_CASE("batch_machine: ambiguous writes are sent again only where that does no harm", "[batch]") {
  auto options = withWindow(1);
  options.resendAmbiguous = false;
  for (const auto kind : {Verdict::Kind::itemAtFault, Verdict::Kind::tooLarge, Verdict::Kind::throttled, Verdict::Kind::unavailable}) {
    MachineRig rig(options);
    rig.fill({3, 1});
    auto ambiguous = verdict(kind, Errc::unavailable, "lost");
    ambiguous.maybeApplied = true;
    rig.answer(rig.send(), ambiguous);
    CHECK(rig.outcomes(4) == "uuu.");
    CHECK(rig.of(0)->error.message() == "lost");
    CHECK(rig.of(0)->attempts == 1);
    CHECK_FALSE(rig.machine.stopped());
  }
  MachineRig clear(options);  // known not to have been applied: sent again
  clear.fill({1});
  clear.answer(clear.send(), busy());
  clear.answer(clear.sendLater(), completed());
  CHECK(clear.outcomes(1) == "d");
}

TEST_CASE("batch_machine: a read cannot be applied, so nothing of it is unknown", "[batch]") {
  auto options = withWindow(1);
  options.writes = false;
  options.resendAmbiguous = false;
  MachineRig rig(options);
  rig.fill({2, 1});
  rig.answer(rig.send(), unavailable(true));
  rig.answer(rig.sendLater(), itemAtFault(true));
  rig.answer(rig.send(), itemAtFault(true));
  rig.answer(rig.send(), unavailable(true));
  rig.machine.cancel({}, rig.now);
  CHECK(rig.outcomes(3) == "rfn");
}

TEST_CASE("batch_machine: throttled requests wait as long as the server says, and so does all else", "[batch]") {
  MachineRig rig(withWindow(4));
  rig.fill({1, 1, 1, 1, 1, 1});
  const auto sent = rig.sendAll();
  rig.answer(sent[0], throttled(3000ms));
  for (std::size_t i = 1; i < 4; ++i) rig.answer(sent[i], completed());
  const auto quiet = rig.now + 3s;
  CHECK(rig.wait() == quiet);
  rig.now += 2999ms;
  CHECK(rig.wait() == quiet);
  rig.now = quiet;
  CHECK(rig.send().positions == Range{0, 1});
  CHECK(rig.machine.counters().retries == 1);
}

TEST_CASE("batch_machine: without a time, throttled requests wait as after other faults", "[batch]") {
  MachineRig rig;
  rig.fill({1});
  rig.answer(rig.send(), throttled());
  CHECK(rig.wait() <= rig.now + 50ms);
  const auto again = rig.sendLater();
  CHECK(again.attempt == 2);
}

TEST_CASE("batch_machine: throttling halves the window, successes open it again", "[batch]") {
  for (const bool adaptive : {true, false}) {
    auto options = withWindow(4);
    options.adaptive = adaptive;
    MachineRig rig(options);
    rig.fill(std::vector<std::size_t>(40, 1));
    const auto sent = rig.sendAll();
    rig.answer(sent[0], throttled());
    for (std::size_t i = 1; i < 4; ++i) rig.answer(sent[i], throttled());  // of the same moment
    rig.now += 50ms;
    auto flying = rig.sendAll();
    CHECK(flying.size() == (adaptive ? 2u : 4u));
    for (const auto& one : flying) rig.answer(one, completed());
    flying = rig.sendAll();
    CHECK(flying.size() == (adaptive ? 3u : 4u));
    for (const auto& one : flying) rig.answer(one, completed());
    CHECK(rig.sendAll().size() == 4);
  }
}

TEST_CASE("batch_machine: a server that only throttles is given up, too", "[batch]") {
  auto options = withWindow(1);
  options.retry.patience = 20s;
  MachineRig rig(options);
  rig.fill({1});
  const auto start = rig.now;
  rig.playOut([](Range) { return throttled(4000ms); });
  CHECK(rig.now == start + 20s);
  CHECK(rig.outcomes(1) == "f");
  CHECK(rig.machine.stopped().code() == Errc::throttled);
}

TEST_CASE("batch_machine: an absurd Retry-After does no harm", "[batch]") {
  for (const auto retryAfter : {milliseconds::max(), milliseconds::min()}) {
    MachineRig rig;
    rig.fill({1});
    rig.answer(rig.send(), throttled(retryAfter));
    CHECK(rig.wait() <= rig.now + 120s);
  }
}

TEST_CASE("batch_machine: a cancel settles what waits at once, and what is in flight when it comes back", "[batch]") {
  MachineRig rig(withWindow(6));
  rig.fill({1, 1, 1, 2, 1, 1, 1});
  const auto sent = rig.sendAll();
  REQUIRE(sent.size() == 6);
  rig.answer(sent[4], busy());
  const Error why(Errc::deadlineExceeded, Origin::caller, "too late");
  rig.machine.cancel(why, rig.now);
  CHECK(rig.outcomes(8) == ".....f.n");
  CHECK(rig.of(7)->error.code() == Errc::deadlineExceeded);
  CHECK(rig.of(5)->error.code() == Errc::deadlineExceeded);
  CHECK(rig.machine.stopped().code() == Errc::deadlineExceeded);
  CHECK(rig.wait() == TimePoint::max());
  rig.answer(sent[0], completed());
  rig.answer(sent[1], unavailable(true));
  rig.answer(sent[2], unavailable());
  rig.answer(sent[3], itemAtFault());
  rig.answer(sent[5], itemAtFault());
  CHECK(rig.outcomes(8) == "duffffrn");
  CHECK(rig.of(2)->error.message() == "no answer");
  CHECK(rig.done());
  CHECK(rig.machine.counters().sends == 6);
}

TEST_CASE("batch_machine: a piece whose earlier attempt may have been applied is unknown after a cancel", "[batch]") {
  MachineRig rig;
  rig.fill({1});
  rig.answer(rig.send(), unavailable(true));
  const auto again = rig.sendLater();
  rig.machine.cancel({}, rig.now);
  rig.answer(again, unavailable(false));
  CHECK(rig.outcomes(1) == "u");
}

TEST_CASE("batch_machine: a second cancel changes nothing, and an empty reason becomes one", "[batch]") {
  MachineRig rig;
  rig.fill({1});
  rig.machine.cancel({}, rig.now);
  rig.machine.cancel(Error(Errc::deadlineExceeded, Origin::caller, "too late"), rig.now);
  CHECK(rig.machine.stopped().code() == Errc::cancelled);
  CHECK(rig.outcomes(1) == "n");
  CHECK(rig.done());
}

TEST_CASE("batch_machine: an item that finally completes is done, whatever came before", "[batch]") {
  MachineRig rig;
  rig.fill({1});
  rig.answer(rig.send(), unavailable(true));
  rig.answer(rig.sendLater(), throttled());
  rig.answer(rig.sendLater(), completed());
  CHECK(rig.outcomes(1) == "d");
  CHECK(rig.of(0)->attempts == 3);
}
