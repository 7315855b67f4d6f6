// A process that imports a file is killed with -9 again and again, and started again with other sizes, until it has come to the end. What
// is stored then is what an import stores that nobody disturbs; little was sent again, no more was embedded again than was being embedded,
// and each line that is no pattern is a dead letter once.
#ifdef QBATCH_WITH_SERVE
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

#include "codec/json_object.hpp"
#include "integration/killed_import.hpp"
#include "qbatch/local_server.hpp"
#include "stream/ledger.hpp"
#include "support/backend_calls.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/file_bytes.hpp"
#include "support/lossy_proxy.hpp"
#include "support/scratch_folder.hpp"
#include "support/seed.hpp"

namespace qbatch::test {
namespace {

using Indices = std::set<std::size_t>;

struct Tally {
  std::size_t imports = 0, kills = 0, beforeAnything = 0, sentAgain = 0, window = 0, mostSentAgain = 0, embeddedAgain = 0, embeddable = 0;
  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    out << kills << " kills in " << imports << " imports, " << beforeAnything << " of them before anything was confirmed; " << sentAgain
        << " points were sent and not confirmed then (at most " << mostSentAgain << " in one kill) where " << window << " could have been; "
        << embeddedAgain << " texts were embedded again where " << embeddable << " could have been";
    return out.str();
  }
};

struct Content {
  std::map<std::string, std::string> members{};  ///< of the payload
  std::vector<float> vector{};
};

/// One import into a new server, from its first run to its end.
class KilledImport {
 public:
  KilledImport(Random& random, Tally& tally, std::size_t items) : random_(random), tally_(tally), items_(items) {
    run_.folder = folder_.path().string();
    run_.url = proxy_.url();
    KilledInput::write(run_.input(), items);
    ++tally_.imports;
  }

  void run(std::size_t kills) {
    std::vector<std::size_t> instants;  // in confirmed items
    for (std::size_t kill = 0; kill < kills; ++kill) instants.push_back(random_.chance(15) ? 0 : random_.below(items_));
    std::sort(instants.begin(), instants.end());
    for (const auto instant : instants)
      if (!runUntil(instant)) break;
    while (runUntil(items_ + 1)) {
    }
    check();
  }

 private:
  /// False where it came to its end before it was killed.
  bool runUntil(std::size_t instant) {
    run_.maxItems = random_.between(10, 150);
    run_.inFlight = random_.between(1, 5);
    run_.threads = random_.between(1, 4);
    CAPTURE(run_.maxItems, run_.inFlight, run_.threads, instant, settled_.size());
    {
      const std::lock_guard lock(mutex_);
      sent_.clear();
      sentOfSettled_ = 0;
    }
    const auto confirmed = drive(instant);
    // What the process had sent may still be on its way.
    REQUIRE(eventually([&] {
      const auto counts = proxy_.counts();
      return counts.requests == counts.passed + counts.broken + counts.dropped;
    }));
    const std::lock_guard lock(mutex_);
    CHECK(sentOfSettled_ == 0);
    readLedger();
    if (!confirmed) return false;
    Indices unconfirmed;
    std::set_difference(sent_.begin(), sent_.end(), settled_.begin(), settled_.end(), std::inserter(unconfirmed, unconfirmed.end()));
    CHECK(unconfirmed.size() <= run_.inFlight * run_.maxItems);
    ++tally_.kills;
    tally_.beforeAnything += *confirmed == 0 ? 1 : 0;
    tally_.sentAgain += unconfirmed.size();
    tally_.mostSentAgain = std::max(tally_.mostSentAgain, unconfirmed.size());
    tally_.window += run_.inFlight * run_.maxItems;
    embeddable_ += run_.threads * PaidEmbedder::textsOfCall;
    return true;
  }
  /// What was confirmed, where the process was killed.
  std::optional<std::size_t> drive(std::size_t instant) {
    ChildProcess child("child: an import that goes on until it is killed", run_.environment());
    std::string line;
    REQUIRE(child.readLine(line));  // it begins
    std::size_t confirmed = settled_.size();
    while (confirmed < instant) {
      REQUIRE(child.readLine(line));
      CAPTURE(line);
      if (line.starts_with("end")) {
        REQUIRE(line == "end, stopped by: ");
        return std::nullopt;
      }
      confirmed += std::stoull(line);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random_.below(random_.chance(50) ? 1000 : 20'000)));
    child.killHard();
    while (child.readLine(line))
      if (line.starts_with("end")) return std::nullopt;
    return confirmed;
  }
  void readLedger() {
    settled_.clear();
    if (!std::filesystem::exists(run_.checkpoint())) return;
    const stream::Ledger ledger(run_.checkpoint(), run_.collection);
    for (const auto& range : ledger.settled())
      for (auto index = range.first; index < range.last; ++index) settled_.insert(index);
  }
  void see(const Exchange& exchange) {
    const auto indices = KilledInput::indicesIn(exchange.body);
    const std::lock_guard lock(mutex_);
    sent_.insert(indices.begin(), indices.end());
    for (const auto index : indices) sentOfSettled_ += settled_.contains(index) ? 1 : 0;
  }

  void check() {
    // An import that nobody disturbs, into another collection.
    auto clean = run_;
    clean.collection = "clean";
    clean.url = server_.url();
    const auto report = clean.carryOut({});
    REQUIRE_FALSE(report.stopped());
    const auto wanted = contents("clean");
    const auto found = contents("killed");
    REQUIRE(found.size() == wanted.size());
    for (const auto& [id, content] : wanted) {
      CAPTURE(id.toString());
      REQUIRE(found.contains(id));
      REQUIRE(found.at(id).members == content.members);
      REQUIRE(found.at(id).vector == content.vector);
    }

    Indices bad, texts;
    for (std::size_t index = 0; index < items_; ++index) {
      if (KilledInput::isBad(index)) bad.insert(index);
      if (KilledInput::isText(index)) texts.insert(index);
    }
    Indices letters;
    std::size_t torn = 0;
    std::istringstream lines(bytesOf(run_.letters()));
    for (std::string line; std::getline(lines, line);) {
      if (!line.ends_with('}')) {
        ++torn;  // the process died within it; the letter was written once more
        continue;
      }
      REQUIRE(line.starts_with("{\"index\":"));
      CHECK(letters.insert(std::stoull(line.substr(9))).second);
    }
    CHECK(letters == bad);
    CHECK(torn <= tally_.kills);

    const auto paid = KilledInput::indicesIn(bytesOf(run_.paid()));
    CHECK(Indices(paid.begin(), paid.end()) == texts);
    const auto again = paid.size() - texts.size();
    CHECK(again <= embeddable_);
    tally_.embeddedAgain += again;
    tally_.embeddable += embeddable_;
    CHECK_FALSE(std::filesystem::exists(run_.checkpoint() + "-spool"));
  }
  /// Of all points, without the marks of who wrote last.
  [[nodiscard]] std::map<PointId, Content> contents(const std::string& collection) const {
    ClientOptions options;
    options.url = server_.url();
    const auto backend = makeRestBackend(options);
    std::map<PointId, Content> all;
    for (auto& point : everything(*backend, collection)) {
      auto& content = all[point.id];
      const auto object = codec::JsonObject::parse(point.payload);
      for (const auto& [key, value] : object.members())
        if (!key.starts_with("_qbatch")) content.members.emplace(key, value);
      content.vector = std::move(point.vector);
    }
    return all;
  }

  Random& random_;
  Tally& tally_;
  const std::size_t items_;
  ScratchFolder folder_;
  KilledRun run_{};
  std::mutex mutex_;
  Indices sent_{};     // in this run
  Indices settled_{};  // as the checkpoint says, when this run began
  std::size_t sentOfSettled_ = 0, embeddable_ = 0;
  const LocalServer server_;
  LossyProxy proxy_{server_.url(), {.resetBefore = 0, .dropAnswer = 0, .seen = [this](const Exchange& exchange) { see(exchange); }}};
};

}  // namespace

// Runs in a process of its own, for the test below.
TEST_CASE("child: an import that goes on until it is killed", "[.]") {
  if (std::getenv("QBATCH_CHILD_FOLDER") == nullptr) return;
  const auto run = KilledRun::fromEnvironment();
  childReport("begins");
  const auto report =
      run.carryOut([](const ImportedBatch& batch) { childReport(std::to_string(batch.patterns.size() + batch.noPatterns.size())); });
  childReport("end, stopped by: " + report.stopped().message());
}

TEST_CASE("imports that are killed with -9 again and again end as one that nobody disturbs", "[kill]") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  Random random(seed);
  const auto wanted = campaignSize(3);
  const std::size_t items = wanted >= 50 ? 20'000 : 4000;
  Tally tally;
  while (tally.kills < wanted) KilledImport(random, tally, items).run(std::min<std::size_t>(10, wanted - tally.kills));
  WARN(tally.text());
}

}  // namespace qbatch::test
#endif
