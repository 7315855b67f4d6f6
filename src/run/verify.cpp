#include "run/verify.hpp"

#include <algorithm>
#include <utility>

#include "batch/retry.hpp"
#include "report_data.hpp"
#include "run/read_run.hpp"
#include "run/store_run.hpp"

namespace qbatch::run {

namespace {

using Kind = VerifyProblem::Kind;

constexpr std::size_t windowItems = 1000, windowBytes = std::size_t{8} << 20;
constexpr std::size_t mostProblems = 1000;

std::string sentenceOf(Kind kind) {
  switch (kind) {
    case Kind::missing:
      return "no such point is stored";
    case Kind::payloadDiffers:
      return "the stored payload is another one";
    case Kind::vectorDiffers:
      return "the stored vector is another one";
    case Kind::notRead:
      return "could not be read or compared";
    case Kind::noPattern:
      break;
  }
  return "is no pattern";
}

}  // namespace

Verify::Verify(ClientCore& core, VerifyOptions options, PatternSource& source)
    : core_(core),
      options_(std::move(options)),
      source_(source),
      progress_(std::make_shared<ProgressReporter>(core.callbacks(), options_.progress)),
      random_(options_.seed) {}

VerifyReport Verify::run() {
  const CompareRun::Wanted all{true, options_.vectors}, presence{false, false};
  while (!atEnd_ && !report_.stopped) {
    Window window;
    try {
      if (!fill(window)) break;
    } catch (const std::exception& error) {
      report_.stopped = Error(Errc::inputBroken, Origin::caller, error.what());
      break;
    }
    if (options_.sample > 0) sample(window);
    check(window, options_.sample > 0 ? presence : all);
    tell(window);
  }
  if (!report_.stopped && options_.stop.stop_requested())
    report_.stopped = Error(Errc::cancelled, Origin::caller, "cancelled by the caller");
  if (!report_.stopped) checkSample();
  if (!report_.stopped) count();
  finish();
  return std::move(report_);
}

// False where nothing is left.
bool Verify::fill(Window& window) {
  while (window.items.size() < windowItems && window.bytes < windowBytes) {
    ImportItem item;
    if (!source_.next(item, options_.stop)) {
      atEnd_ = true;
      break;
    }
    const Item place{report_.items++, item.line};
    if (!item.problem.empty()) {
      ++noPatternCount_;
      if (noPatterns_.size() < mostProblems) noPatterns_.push_back({place.index, place.line, std::nullopt, Kind::noPattern, item.problem});
      continue;
    }
    window.bytes +=
        item.pattern.description.size() + item.pattern.code.size() + item.pattern.vector.size() * sizeof(float) + sizeof(Pattern);
    window.ids.push_back(idOf(item.pattern));
    window.items.push_back(place);
    window.patterns.push_back(std::move(item.pattern));
  }
  return !window.items.empty();
}

// Each item that has been seen is in the sample with the same chance, however many come.
void Verify::sample(const Window& window) {
  for (std::size_t at = 0; at < window.items.size(); ++at) {
    const auto& id = window.ids[at];
    if (const auto known = sampledIds_.find(id); known != sampledIds_.end()) {
      sample_[known->second] = {window.items[at], window.patterns[at]};
      continue;
    }
    ++drawn_;
    auto slot = sample_.size();
    if (slot >= options_.sample) {
      slot = std::uniform_int_distribution<std::size_t>(0, drawn_ - 1)(random_);
      if (slot >= options_.sample) continue;
      sampledIds_.erase(idOf(sample_[slot].pattern));
    } else {
      sample_.emplace_back();
    }
    sample_[slot] = {window.items[at], window.patterns[at]};
    sampledIds_[id] = slot;
  }
}

// Looks at the collection, and where texts will be embedded at whether the embedder fits it.
void Verify::lookAtPlace(const Window& window, bool embeds) {
  static const Pattern withVector{.description = "any", .vector = {0}};
  const std::span<const Pattern> patterns = embeds ? std::span<const Pattern>(window.patterns) : std::span(&withVector, 1);
  const auto run =
      std::make_shared<PlaceRun>(core_, call(), BatchRun::Traits{.embeds = true, .writes = false}, patterns, PlaceRun::Missing::refuse);
  run->start();
  run->wait();
  report_.stopped = run->result()->stopped;
  if (report_.stopped.code() == Errc::collectionNotFound) report_.stopped = collectionMissing(options_.collection);
  if (report_.stopped) return;
  if (!run->refusal().empty()) throw ConfigError({run->refusal()});
  place_ = run->place();
  embedderKnown_ = embedderKnown_ || embeds;
}

void Verify::check(const Window& window, CompareRun::Wanted wanted) {
  const bool computes = CompareRun::computesVectors(core_, wanted, window.patterns);
  if (!place_ || (computes && !embedderKnown_)) lookAtPlace(window, computes);
  if (report_.stopped) return;
  const auto run = std::make_shared<CompareRun>(core_, call(), wanted, *place_, window.patterns, window.ids);
  run->start();
  run->wait();
  const auto result = run->result();
  report_.stopped = result->stopped;
  if (wanted.payloads) report_.compared += window.items.size();
  for (std::size_t at = 0; at < window.items.size(); ++at) {
    const auto& id = window.ids[at];
    if (wanted.payloads != (options_.sample > 0)) ids_.push_back(id);
    problems_.erase(id);  // an item before it with this id
    const auto kind = run->results()[at];
    if (kind && !(report_.stopped && *kind == Kind::notRead)) problems_.insert_or_assign(id, Problem{window.items[at], *kind});
  }
}

void Verify::checkSample() {
  std::sort(sample_.begin(), sample_.end(), [](const Sampled& a, const Sampled& b) { return a.item.index < b.item.index; });
  for (std::size_t from = 0; from < sample_.size() && !report_.stopped; from += windowItems) {
    Window window;
    for (auto at = from; at < std::min(sample_.size(), from + windowItems); ++at) {
      window.ids.push_back(idOf(sample_[at].pattern));
      window.items.push_back(sample_[at].item);
      window.patterns.push_back(std::move(sample_[at].pattern));
    }
    check(window, {true, options_.vectors});
  }
}

void Verify::count() {
  const auto run = std::make_shared<CountRun>(core_, call(), std::string());
  run->start();
  run->wait();
  const BatchReport report(run->result());
  if (report.ok())
    report_.stored = run->count();
  else
    report_.stopped = report.stopped() ? report.stopped() : report.failures().front().error;
}

void Verify::finish() {
  std::sort(ids_.begin(), ids_.end());
  ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
  report_.ids = ids_.size();
  report_.present = report_.ids;
  std::vector<std::pair<PointId, Problem>> problems(problems_.begin(), problems_.end());
  for (const auto& [id, problem] : problems)
    if (problem.kind == Kind::missing || problem.kind == Kind::notRead) --report_.present;
  report_.problems = problems.size() + noPatternCount_;
  std::sort(problems.begin(), problems.end(), [](const auto& a, const auto& b) { return a.second.item.index < b.second.item.index; });
  report_.first = std::move(noPatterns_);
  for (const auto& [id, problem] : problems) {
    if (report_.first.size() >= 2 * mostProblems) break;
    report_.first.push_back({problem.item.index, problem.item.line, id, problem.kind, sentenceOf(problem.kind)});
  }
  std::sort(report_.first.begin(), report_.first.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
  if (report_.first.size() > mostProblems) report_.first.resize(mostProblems);
  static_cast<void>(progress_->finishAndWait(last_));
}

void Verify::tell(const Window& window) {
  last_.failed = problems_.size() + noPatternCount_;
  last_.done = report_.items - std::min(report_.items, last_.failed);
  last_.share = source_.share();
  last_.bytes += window.bytes;
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - startedAt_).count();
  if (seconds > 0) last_.itemsPerSecond = static_cast<double>(report_.items) / seconds;
  if (last_.share && *last_.share > 0)
    last_.remaining = std::chrono::seconds(static_cast<std::int64_t>(seconds * (1 - *last_.share) / *last_.share));
  progress_->changed(last_);
}

CallOptions Verify::call() const {
  CallOptions call;
  call.collection = options_.collection;
  call.stop = options_.stop;
  call.chunk.maxItems = core_.options().limits.store;
  call.deadline = batch::timeLeft(batch::deadlineAfter(startedAt_, options_.deadline), std::chrono::steady_clock::now());
  return call;
}

}  // namespace qbatch::run
