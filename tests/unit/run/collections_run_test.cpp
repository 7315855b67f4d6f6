// What becomes of changes to collections: their order, their verdicts, what stops the rest. Over fakes.
#include "run/collections_run.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/late_answers.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

CollectionChange create(std::string name, std::size_t dimension = 3) {
  return CreateCollection{{.name = std::move(name), .dimension = dimension}};
}
CollectionChange drop(std::string name) { return DropCollection{std::move(name)}; }
CollectionChange alias(std::string name, std::string collection) { return SetAlias{std::move(name), std::move(collection)}; }

std::string nameOf(const Request& request) {
  if (const auto* made = std::get_if<CreateCollection>(&request)) return made->info.name;
  if (const auto* gone = std::get_if<DropCollection>(&request)) return gone->collection;
  return std::get<SetAlias>(request).alias;
}

Verdict verdict(Verdict::Kind kind, Errc code) {
  Verdict made;
  made.kind = kind;
  made.error = Error(code, Origin::server, "no");
  return made;
}

struct Bench : ClientFixture {
  std::mutex mutex;
  std::vector<std::string> asked;
  std::function<std::optional<Verdict>(const std::string& name)> answer = [](const std::string&) { return std::nullopt; };

  Bench() {
    backend->hook = [this](const Request& request) {
      const std::lock_guard lock(mutex);
      asked.push_back(nameOf(request));
      return answer(asked.back());
    };
  }
  CollectionsReport apply(const std::vector<CollectionChange>& changes) { return Collections(options).apply(changes); }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("changes are carried out one after the other, whatever the answers take") {
  Bench bench;
  LateAnswers late(3);
  std::atomic<int> open{0}, most{0};
  bench.backend->hold = [&](const Request&, std::function<void()> answer) {
    const int now = ++open;
    if (now > most) most = now;
    late.add([&, answer = std::move(answer)] {
      --open;
      answer();
    });
  };
  std::vector<CollectionChange> changes;
  Names names;
  for (int i = 0; i < 50; ++i) {
    names.push_back("c" + std::to_string(i));
    changes.push_back(create(names.back()));
    changes.push_back(drop(names.back()));
    names.push_back(names.back());
  }
  const auto report = bench.apply(changes);
  CHECK(report.ok());
  CHECK(most == 1);
  CHECK(bench.asked == names);
  for (std::size_t i = 0; i < changes.size(); ++i) CHECK(report.changed(i));
  CHECK(report.stats().requests == 100);
  CHECK(report.stats().points == 0);
}

TEST_CASE("a change is told from one that was not needed") {
  Bench bench;
  const auto report = bench.apply({create("a"), create("a"), alias("now", "a"), alias("now", "a"), drop("a"), drop("a")});
  CHECK(report.ok());
  const std::vector<bool> expected = {true, false, true, true, true, false};
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(report.changed(i) == expected[i]);
}

TEST_CASE("what is refused is rejected, and does not stop the rest") {
  Bench bench;
  const auto code = GENERATE(Errc::collectionMismatch, Errc::collectionNotFound, Errc::refused, Errc::unsupported);
  bench.answer = [&](const std::string& name) { return name == "b" ? std::optional(verdict(Verdict::Kind::fatal, code)) : std::nullopt; };
  const auto report = bench.apply({create("a"), create("b"), alias("x", "gone"), create("c")});
  CHECK(report.outcome(0) == Outcome::done);
  CHECK(report.outcome(1) == Outcome::rejected);
  CHECK(report.outcome(2) == Outcome::rejected);
  CHECK(report.outcome(3) == Outcome::done);
  CHECK(report.failures()[0].error.code() == code);
  CHECK(report.failures()[1].error.code() == Errc::collectionNotFound);
  CHECK_FALSE(report.stopped());
  CHECK_FALSE(report.changed(1));
  CHECK(bench.asked == Names{"a", "b", "x", "c"});
}

TEST_CASE("what no change can escape stops the rest") {
  Bench bench;
  const auto code = GENERATE(Errc::unauthorized, Errc::storageFull, Errc::storageBroken, Errc::inUse, Errc::internal, Errc::unavailable);
  bench.answer = [&](const std::string& name) { return name == "b" ? std::optional(verdict(Verdict::Kind::fatal, code)) : std::nullopt; };
  const auto report = bench.apply({create("a"), create("b"), create("c"), drop("")});
  CHECK(report.outcome(0) == Outcome::done);
  CHECK(report.outcome(1) == Outcome::failed);
  CHECK(report.outcome(2) == Outcome::unsent);
  CHECK(report.outcome(3) == Outcome::rejected);
  CHECK(report.stopped().code() == code);
  CHECK(bench.asked == Names{"a", "b"});
}

TEST_CASE("names and dimensions that cannot be are rejected without a request") {
  Bench bench;
  const auto report =
      bench.apply({create(""), create("a/b"), create("a", 0), drop(std::string(256, 'x')), alias("", "a"), alias("b", ""), create("a")});
  CHECK(report.count(Outcome::rejected) == 6);
  CHECK(report.outcome(6) == Outcome::done);
  for (const auto& failure : report.failures()) {
    CHECK(failure.error.code() == Errc::invalidItem);
    CHECK(failure.attempts == 0);
  }
  CHECK(bench.asked == Names{"a"});
}

TEST_CASE("a passing fault is repeated before the next change is begun") {
  Bench bench;
  int times = 0;
  bench.answer = [&](const std::string& name) -> std::optional<Verdict> {
    if (name != "b" || ++times > 2) return std::nullopt;
    auto fault = verdict(Verdict::Kind::unavailable, Errc::unavailable);
    fault.maybeApplied = true;
    return fault;
  };
  const auto report = bench.apply({create("a"), create("b"), create("c")});
  CHECK(report.ok());
  CHECK(report.stats().retries == 2);
  CHECK(bench.asked == Names{"a", "b", "b", "b", "c"});
}

TEST_CASE("what may have been applied when it was given up is unknown") {
  Bench bench;
  bench.options.retry.patience = bench.options.retry.connectPatience = milliseconds(20);
  bench.answer = [&](const std::string&) {
    auto fault = verdict(Verdict::Kind::unavailable, Errc::unavailable);
    fault.maybeApplied = true;
    return std::optional(fault);
  };
  const auto report = bench.apply({create("a"), drop("b")});
  CHECK(report.outcome(0) == Outcome::unknown);
  CHECK(report.outcome(1) == Outcome::unsent);
  CHECK_FALSE(report.changed(0));
}

TEST_CASE("an answer of another kind is the backend's fault") {
  Bench bench;
  bench.answer = [](const std::string&) { return std::optional(Verdict{}); };  // completed, and nothing said
  const auto report = bench.apply({create("a"), create("b")});
  CHECK(report.outcome(0) == Outcome::unknown);
  CHECK(report.outcome(1) == Outcome::unsent);
  CHECK(report.stopped().code() == Errc::internal);
}

TEST_CASE("changes that are cancelled or late are not begun") {
  Bench bench;
  std::stop_source stop;
  bench.answer = [&](const std::string&) {
    stop.request_stop();
    return std::nullopt;
  };
  const std::vector<CollectionChange> changes = {create("a"), create("b")};
  const auto report = Collections(bench.options).apply(changes, {.stop = stop.get_token()});
  CHECK(report.outcome(0) == Outcome::done);
  CHECK(report.outcome(1) == Outcome::unsent);
  CHECK(report.stopped().code() == Errc::cancelled);
  CHECK(bench.asked == Names{"a"});
}
