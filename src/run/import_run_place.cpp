// The part of ImportRun that looks at where a window is to go: the collection, and what embeds for it.
#include <fmt/format.h>

#include <utility>

#include "batch/item_checks.hpp"
#include "options_check.hpp"
#include "run/import_run.hpp"

namespace qbatch::run {

namespace {

constexpr BatchRun::Traits placeTraits{.embeds = true, .verb = Verb::store};

}  // namespace

void ImportRun::prepare(ImportWindow& window) {
  const bool embeds = window.wantsEmbedding();
  bool known = false;
  {
    const std::lock_guard lock(mutex_);
    known = atOnce_ || (place_ && (!embeds || embedderKnown_));
  }
  if (!known && !window.patterns.empty()) lookAtPlace(window, embeds);
  const std::lock_guard lock(mutex_);
  for (std::size_t index = 0; index < window.patterns.size() && !embedderRefusal_.empty(); ++index) {
    const auto& pattern = window.patterns[index];
    if (pattern.vector.empty() && !batch::checkPattern(pattern, core_.options().fields))
      window.ended.push_back({index, Outcome::rejected, Error(Errc::invalidItem, Origin::caller, embedderRefusal_)});
  }
}

void ImportRun::lookAtPlace(ImportWindow& window, bool embeds) {
  const bool first = window.number == 0;
  std::string refusal;
  const auto missing = resumes_ ? PlaceRun::Missing::refuse : PlaceRun::Missing::asOptionsSay;
  auto call = callOptions();
  call.stop = embedStop_.get_token();  // not the source's: what was read before that ended is still to be stored
  const auto run = std::make_shared<PlaceRun>(core_, call, placeTraits, window.patterns, missing);
  run->start();
  run->wait();
  std::shared_ptr<const ReportData> result;
  try {
    result = run->result();
    refusal = run->refusal();
  } catch (const ConfigError& error) {
    if (first) throw;
    refusal = error.what();
  }
  if (result) {
    const std::lock_guard lock(mutex_);
    tally_.add(result->stats);
  }
  if (result && result->stopped) {
    auto why = result->stopped;
    if (resumes_ && why.code() == Errc::collectionNotFound)
      why = Error(Errc::collectionNotFound, Origin::caller,
                  fmt::format("collection `{}` is not there, but by the checkpoint {} a part of this input is stored in it; check name and "
                              "server, or delete the checkpoint to store all of it again",
                              options_.collection, options_.checkpoint));
    return stopAtOnce(why);
  }
  if (embeds && refusal.empty()) openEmbedding();
  const std::lock_guard lock(mutex_);
  if (run->place()) place_ = run->place();
  if (embeds) {
    embedderKnown_ = true;
    embedderRefusal_ = refusal;
  }
}

void ImportRun::openEmbedding() {
  const auto dimension = core_.knownDimension();
  if (dimension == 0 || embedding_) return;
  dimension_ = dimension;
  auto spool = openSpool(dimension);
  keeper_->setSpool(spool.get());
  ImportEmbedding::Calls calls;
  calls.hungry = [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->advance();
  };
  calls.spoolBroken = [weak = weak_from_this()](const Error& why) {
    if (const auto self = weak.lock()) self->stopReading(why);
  };
  auto embedding = std::make_shared<ImportEmbedding>(core_, dimension, std::move(spool), embedStop_.get_token(), std::move(calls));
  const std::lock_guard lock(mutex_);
  embedding_ = std::move(embedding);
}

std::unique_ptr<stream::Spool> ImportRun::openSpool(std::size_t dimension) const {
  const auto folder = spoolFolder(options_);
  if (folder.empty()) return nullptr;
  return std::make_unique<stream::Spool>(folder, core_.embedder()->traits().identity, dimension);
}

// Where this run had nothing to embed, an earlier one may have left what it computed. That it stays there is no reason to call an import
// failed that is not.
void ImportRun::clearSpool() noexcept {
  try {
    if (embedding_) {
      if (embedding_->spool()) embedding_->spool()->clear();
    } else if (const auto dimension = core_.knownDimension(); dimension != 0) {
      if (const auto spool = openSpool(dimension)) spool->clear();
    }
  } catch (const std::exception& error) {
    core_.log(LogLevel::warning, error.what());
  }
}

}  // namespace qbatch::run
