// Imports of random inputs with random options over a backend and an embedder that fail at random, and that end at random: what the report,
// the callback, the files and the backend say has to agree, and a second run with the same files has to end where a clean one does.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "run/import_run.hpp"
#include "stream/ledger.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/import_input.hpp"
#include "support/late_answers.hpp"
#include "support/scratch_folder.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::test;
namespace fs = std::filesystem;

namespace {

using Kind = ImportInput::Kind;

Verdict verdictOf(Verdict::Kind kind, Errc code, bool maybeApplied = false) {
  Verdict verdict;
  verdict.kind = kind;
  verdict.error = Error(code, Origin::server, "as the trial says");
  verdict.maybeApplied = maybeApplied;
  return verdict;
}

/// What goes wrong in a run, and how it ends. Chances in percent; instants in requests or items.
struct Faults {
  unsigned throttled{}, unavailable{}, lostAnswer{}, flakyText{}, throwingEmbedder{};
  std::size_t outageFrom = noInstant, outageTo{}, fatalAt = noInstant, stopAtRequest = noInstant, stopAtItem = noInstant,
              throwAtItem = noInstant, throwAtWindow = noInstant;
  milliseconds deadline{};
  static constexpr std::size_t noInstant = static_cast<std::size_t>(-1);

  static Faults draw(Random& random, std::size_t items) {
    Faults faults;
    const auto some = [&](unsigned percent, unsigned most) {
      return random.chance(percent) ? static_cast<unsigned>(1 + random.below(most)) : 0u;
    };
    const auto instant = [&](unsigned percent, std::size_t most) { return random.chance(percent) ? random.below(most + 1) : noInstant; };
    faults.throttled = some(20, 20);
    faults.unavailable = some(20, 20);
    faults.lostAnswer = some(20, 20);
    faults.flakyText = some(30, 20);
    faults.throwingEmbedder = some(10, 20);
    faults.outageFrom = instant(10, 40);
    faults.outageTo = faults.outageFrom == noInstant ? 0 : faults.outageFrom + random.below(20);
    faults.fatalAt = instant(20, 60);
    faults.stopAtRequest = instant(20, 60);
    faults.stopAtItem = instant(10, items);
    faults.throwAtItem = instant(10, items);
    faults.throwAtWindow = instant(5, 20);
    if (random.chance(10)) faults.deadline = milliseconds(1 + random.below(10));
    return faults;
  }
};

class Trial {
 public:
  Trial(Random& random, std::size_t items) : random_(random), input_(random, items) {
    options_.backend = backend_;
    options_.embedder = embedder_;
    if (random.chance(60)) checkpoint_ = (folder_.path() / "checkpoint").string();
    if (random.chance(50)) letters_ = (folder_.path() / "letters").string();
    if (random.chance(20)) spool_ = (folder_.path() / "spool").string();
  }

  void run() {
    runOnce(Faults::draw(random_, input_.size()), true);
    readLedger();
    runOnce({}, false);
    checkEnd();
    if (checkpoint_.empty() || letters_.empty()) return;
    readLedger();
    const auto before = backend_->upsertSizes().size();
    runOnce({}, false);
    CHECK(backend_->upsertSizes().size() == before);
  }

 private:
  struct Told {
    Outcome outcome{};
    bool duplicate = false;
  };

  /// One import by a client of its own, and what must hold of any.
  void runOnce(const Faults& faults, bool faulty) {
    drawOptions(faulty);
    told_.clear();
    tellingFailed_ = false;
    outstanding_ = 0;
    auto late = std::make_unique<LateAnswers>(random_.below(1u << 30));
    std::stop_source stop;
    arm(faults, *late, stop);
    auto core = ClientCore::make(options_, [](const ClientOptions&, auto) { return std::shared_ptr<Backend>(); });
    InputSource source(input_);
    source.before = [&](std::size_t index) { beforeItem(faults, index, stop); };
    auto import = std::make_shared<run::ImportRun>(*core, importOptions(faults, stop), source);
    const std::weak_ptr<run::ImportRun> watch = import;
    const auto report = import->run();
    import.reset();
    CAPTURE(report.stopped().message(), faulty);
    // Every byte was given back.
    CHECK(core->budget().take(options_.flow.maxBufferedBytes, false, [] {}));
    core.reset();
    late.reset();
    CHECK(watch.expired());
    checkReport(report, source);
    checkDone();
    if (!faulty) {
      CHECK_FALSE(report.stopped());
      CHECK(report.alreadyDone() == ledgerItems_.size());
      CHECK(report.alreadyDead() == ledgerLetters_);
      CHECK(sentAgain_ == 0);
    }
    for (const auto& [index, told] : told_) final_[index] = told;
  }

  void drawOptions(bool faulty) {
    constexpr std::size_t budgets[] = {1, 3000, 20'000, 200'000, 256u << 20};
    options_.flow.maxBufferedBytes = budgets[random_.below(5)];
    options_.flow.maxInFlight = random_.between(1, 6);
    options_.flow.adaptive = random_.chance(70);
    options_.threads = random_.between(1, 4);
    options_.retry = {milliseconds(1), milliseconds(2), milliseconds(faulty ? 60 : 60'000), milliseconds(faulty ? 60 : 60'000)};
    embedder_->traits_.maxBatch = random_.between(1, 20);
    embedder_->traits_.concurrent = random_.chance(80);
    chunk_.maxItems = random_.between(1, random_.chance(50) ? 8 : 60);
    chunk_.maxBytes = random_.chance(20) ? 2000 : 24u << 20;
  }

  ImportOptions importOptions(const Faults& faults, const std::stop_source& stop) {
    ImportOptions options;
    options.collection = "patterns";
    options.chunk = chunk_;
    options.deadline = faults.deadline;
    if (options.deadline.count() == 0 && random_.chance(30)) options.deadline = std::chrono::minutes(10);
    options.stop = stop.get_token();
    options.checkpoint = checkpoint_;
    options.deadLetters = letters_;
    options.spool = spool_;
    options.syncInterval = milliseconds(random_.chance(20) ? 0 : 1000);
    options.settled = [this, throwAt = faults.throwAtWindow, window = std::size_t{0}](const ImportedBatch& batch) mutable {
      tell(batch);
      if (window++ != throwAt) return;
      tellingFailed_ = true;
      throw std::runtime_error("as the trial says");
    };
    if (random_.chance(30)) options.progress = [](const Progress&) {};
    return options;
  }

  void arm(const Faults& faults, LateAnswers& late, std::stop_source& stop) {
    backend_->hold = [&late](const Request&, std::function<void()> answer) { late.add(std::move(answer)); };
    const auto dice = std::make_shared<Random>(random_.below(1u << 30));
    backend_->hook = [this, &faults, &late, &stop, dice, number = std::size_t{0}](const Request& request) mutable {
      const auto now = number++;
      if (now == faults.stopAtRequest) late.add([&stop] { stop.request_stop(); });
      return verdictFor(request, faults, now, *dice);
    };
    const auto textDice = std::make_shared<Random>(random_.below(1u << 30));
    embedder_->each = [this, &faults, textDice](std::span<const std::string_view> texts, MatrixView, std::stop_token) {
      const std::lock_guard lock(mutex_);
      if (textDice->chance(faults.throwingEmbedder)) throw std::runtime_error("as the trial says");
      std::vector<RowFailure> failures;
      for (std::size_t row = 0; row < texts.size(); ++row) {
        const auto marker = ImportInput::markerIn(texts[row]);
        if (input_[marker].kind == Kind::badText || textDice->chance(faults.flakyText))
          failures.push_back({row, "as the trial says"});
        else
          ++embedded_[marker];
      }
      return failures;
    };
  }

  // With the backend's lock.
  std::optional<Verdict> verdictFor(const Request& request, const Faults& faults, std::size_t number, Random& dice) {
    const auto* upsert = std::get_if<UpsertPoints>(&request);
    if (upsert) noteSent(*upsert);
    if (number == faults.fatalAt) return verdictOf(Verdict::Kind::fatal, Errc::unauthorized);
    if (dice.chance(faults.throttled)) return verdictOf(Verdict::Kind::throttled, Errc::throttled);
    if (dice.chance(faults.unavailable) || (number >= faults.outageFrom && number < faults.outageTo))
      return verdictOf(Verdict::Kind::unavailable, Errc::unavailable, upsert != nullptr);
    if (!upsert) return std::nullopt;
    for (const auto& point : upsert->points)
      if (point.payload.find("\"poison\"") != std::string_view::npos) return verdictOf(Verdict::Kind::itemAtFault, Errc::refused);
    if (!dice.chance(faults.lostAnswer)) return std::nullopt;
    for (const auto& point : upsert->points)
      backend_->points[point.id] = {std::vector<float>(point.vector.begin(), point.vector.end()), std::string(point.payload)};
    return verdictOf(Verdict::Kind::unavailable, Errc::unavailable, true);
  }
  void noteSent(const UpsertPoints& upsert) {
    for (const auto& point : upsert.points) {
      const auto& same = input_.withMarker(ImportInput::markerIn(point.payload));
      if (std::all_of(same.begin(), same.end(), [&](std::size_t index) { return ledgerItems_.contains(index); })) ++sentAgain_;
    }
  }

  void beforeItem(const Faults& faults, std::size_t index, std::stop_source& stop) {
    if (index == faults.stopAtItem) stop.request_stop();
    {
      const std::lock_guard lock(mutex_);
      // The last item waits for room outside of the budget, and one is let through in any case.
      if (!tellingFailed_) overBudget_ = overBudget_ || outstanding_ > options_.flow.maxBufferedBytes + biggest_;
      if (index < input_.size() && !ledgerItems_.contains(index)) {
        biggest_ = std::max(biggest_, bytesOf(index));
        outstanding_ += bytesOf(index);
      }
    }
    if (index == faults.throwAtItem) throw std::runtime_error("as the trial says");
  }
  [[nodiscard]] std::size_t bytesOf(std::size_t index) const { return run::bytesOnTheWay(input_[index].item, 4); }

  void tell(const ImportedBatch& batch) {
    const std::lock_guard lock(mutex_);
    CHECK(batch.report.size() == batch.patterns.size());
    for (std::size_t i = 0; i < batch.patterns.size(); ++i) {
      Told told{batch.report.outcome(i)};
      for (const auto& failure : batch.report.failures())
        if (failure.index == i) told.duplicate = failure.error.code() == Errc::duplicateId;
      tell(batch.indices[i], batch.lines[i], told);
    }
    for (const auto& [index, item] : batch.noPatterns) {
      CHECK(input_[index].item.text == item.text);
      tell(index, item.line, {Outcome::rejected});
    }
  }
  void tell(std::size_t index, std::size_t line, Told told) {
    CHECK(told_.emplace(index, told).second);
    CHECK(line == index + 1);
    outstanding_ -= bytesOf(index);
  }

  void checkReport(const ImportReport& report, const InputSource& source) {
    CHECK_FALSE(overBudget_);
    CHECK(report.size() == source.given());
    std::array<std::size_t, 6> counts{};
    for (const auto& [index, told] : told_) ++counts[static_cast<std::size_t>(told.outcome)];
    std::size_t sum = report.alreadyDone();
    for (std::size_t kind = 0; kind < counts.size(); ++kind) {
      sum += report.count(static_cast<Outcome>(kind));
      if (!tellingFailed_) CHECK(report.count(static_cast<Outcome>(kind)) == counts[kind]);
    }
    CHECK(sum == report.size());
    if (!letters_.empty()) {
      const auto before = std::exchange(letterCount_, lettersNow().size());
      CHECK(before + report.deadLetters() == letterCount_);
    }
  }
  /// What is done is stored, or a later item with its id is.
  void checkDone() const {
    for (const auto& [index, told] : told_) {
      if (told.outcome != Outcome::done) continue;
      CAPTURE(index);
      const auto marker = storedMarker(input_[index].id);
      REQUIRE(marker);
      const auto& same = input_.withId(input_[index].id);
      const auto from = std::lower_bound(same.begin(), same.end(), index);
      CHECK(std::any_of(from, same.end(), [&](std::size_t other) { return input_[other].marker == *marker; }));
    }
  }
  /// Of the content that stands under an id, its vector compared.
  [[nodiscard]] std::optional<std::size_t> storedMarker(const PointId& id) const {
    const auto found = backend_->points.find(id);
    if (found == backend_->points.end()) return std::nullopt;
    const auto marker = ImportInput::markerIn(found->second.payload);
    CHECK(found->second.vector == input_.vectorOf(marker));
    return marker;
  }

  void readLedger() {
    ledgerItems_.clear();
    ledgerLetters_ = 0;
    if (checkpoint_.empty()) return;
    const stream::Ledger ledger(checkpoint_, "patterns");
    for (const auto& range : ledger.settled()) {
      for (auto index = range.first; index < range.last; ++index) ledgerItems_.insert(index);
      ledgerLetters_ += range.letters;
    }
  }
  /// The indices; each once, in whole lines.
  [[nodiscard]] std::set<std::size_t> lettersNow() const {
    std::set<std::size_t> indices;
    std::ifstream in(letters_);
    for (std::string line; std::getline(in, line);) {
      CHECK(line.starts_with("{\"index\":"));
      CHECK(line.ends_with("}"));
      CHECK(indices.insert(std::stoull(line.substr(9))).second);
    }
    return indices;
  }

  /// A later item with its id is done.
  [[nodiscard]] bool isReplaced(std::size_t index) const {
    if (input_[index].kind == Kind::noPattern) return false;
    const auto& same = input_.withId(input_[index].id);
    return std::any_of(std::upper_bound(same.begin(), same.end(), index), same.end(),
                       [&](std::size_t other) { return final_.contains(other) && final_.at(other).outcome == Outcome::done; });
  }

  void checkEnd() const {
    const auto letters = letters_.empty() ? std::set<std::size_t>() : lettersNow();
    const bool lettersAreFinal = !checkpoint_.empty();
    for (std::size_t index = 0; index < input_.size(); ++index) {
      CAPTURE(index, static_cast<int>(input_[index].kind), checkpoint_.empty(), letters_.empty());
      const auto told = final_.find(index);
      REQUIRE(told != final_.end());
      const bool failed = told->second.outcome != Outcome::done && !told->second.duplicate;
      if (input_[index].kind != Kind::good) CHECK((failed || told->second.duplicate));
      // What failed when all was ending, and was replaced before it could be tried again, is none.
      if (!letters_.empty() && lettersAreFinal && !(failed && isReplaced(index))) CHECK(letters.contains(index) == failed);
      if (!checkpoint_.empty() && input_[index].text && !input_.isRepeated(index)) {
        const auto times = embedded_.find(index);
        CHECK((times == embedded_.end() || times->second == 1));
      }
      if (input_[index].kind == Kind::noPattern || input_.withId(input_[index].id).back() != index) continue;
      const auto stored = storedMarker(input_[index].id);
      if (input_[index].kind != Kind::good)
        CHECK_FALSE(stored);
      else if (!lettersAreFinal || !letters.contains(index))  // what became a letter left its place to an earlier item, or to none
        CHECK(stored == input_[index].marker);
    }
  }

  Random& random_;
  const ImportInput input_;
  ScratchFolder folder_;
  std::string checkpoint_{}, letters_{}, spool_{};
  std::shared_ptr<FakeBackend> backend_ = std::make_shared<FakeBackend>();
  std::shared_ptr<FakeEmbedder> embedder_ = std::make_shared<FakeEmbedder>();
  ClientOptions options_{};
  ChunkOptions chunk_{};

  std::mutex mutex_;
  std::map<std::size_t, Told> told_{}, final_{};
  std::map<std::size_t, std::size_t> embedded_{};  // by marker, how often a text was
  std::atomic<bool> tellingFailed_{false};
  bool overBudget_ = false;
  std::size_t outstanding_ = 0, biggest_ = 0, letterCount_ = 0;

  std::set<std::size_t> ledgerItems_{};
  std::size_t ledgerLetters_ = 0, sentAgain_ = 0;
};

}  // namespace

TEST_CASE("random imports: one truthful outcome an item, and a second run ends where a clean one does", "[campaign]") {
  const auto seed = qbatch::test::seed();
  for (std::size_t trial = 0; trial < campaignSize(150); ++trial) {
    CAPTURE(seed, trial);
    Random random(seed + trial);
    Trial(random, random.chance(10) ? random.below(1000) : random.below(120)).run();
  }
}
