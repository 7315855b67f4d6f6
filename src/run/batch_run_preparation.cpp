// The part of BatchRun that comes before there is a plan: the embedder's dimension, the collection, the ids of a filter.
#include <utility>

#include "run/batch_run.hpp"

namespace qbatch::run {

void BatchRun::advancePreparation() {
  try {
    if (preparationAnswer_) {
      prepared(*std::exchange(preparationAnswer_, std::nullopt));
    } else if (preparationError_ && !stopReason_) {
      const auto error = std::exchange(preparationError_, {});
      if (!goesOnWithout(error)) preparationError_ = error;
    }
    if (stopReason_ || preparationError_) return endWithoutRunning();
    auto next = nextPreparation();
    if (std::holds_alternative<ResolveDimension>(next)) {
      dimension_ = core_.knownDimension();
      return dimension_ == 0 ? resolveDimension() : void();
    }
    if (std::holds_alternative<std::monostate>(next)) return startRunning();
    preparation_ = std::get<Request>(std::move(next));
    startMachine(false, [this](const batch::Settlement& settlement) {
      if (settlement.outcome != Outcome::done && settlement.outcome != Outcome::accepted) preparationError_ = settlement.error;
    });
    machine_->add(1);
    machine_->close();
  } catch (...) {
    exception_.keepCurrent();
    finish();
  }
}

void BatchRun::resolveDimension() {
  resolving_ = true;
  core_.pool().post([self = shared_from_this()] {
    Error error;
    std::size_t dimension = 0;
    try {
      dimension = self->core_.resolveDimension(self->embedStop_.get_token());
      if (dimension == 0) error = Error(Errc::embedding, Origin::embedder, "the embedder does not know the dimension of its vectors");
    } catch (const std::exception& thrown) {
      error = Error(Errc::embedding, Origin::embedder,
                    std::string("the embedder could not tell the dimension of its vectors: ") + thrown.what());
    } catch (...) {
      error = Error(Errc::embedding, Origin::embedder, "the embedder could not tell the dimension of its vectors");
    }
    {
      const std::lock_guard lock(self->mutex_);
      self->resolving_ = false;
      self->dimension_ = dimension;
      self->preparationError_ = error;
    }
    self->pump();
  });
}

void BatchRun::startMachine(bool writes, batch::BatchMachine::Sink sink) {
  batch::MachineOptions options;
  options.retry = core_.options().retry;
  options.maxInFlight = core_.options().flow.maxInFlight;
  options.adaptive = core_.options().flow.adaptive;
  options.resendAmbiguous = traits_.resendAmbiguous;
  options.writes = writes;
  options.answered = core_.answered();
  options.budget = core_.repeats();
  options.readBack = traits_.readsBack;
  options.followAccepted = traits_.follows;
  if (stage_ == Stage::running) options.tooMany = core_.tooMany(traits_.verb);
  options.seed = core_.nextSeed();
  machine_ = std::make_unique<batch::BatchMachine>(options, std::move(sink));
}

void BatchRun::countMachine() {
  stats_.retries += machine_->counters().retries;
  stats_.splits += machine_->counters().splits;
  if (stage_ == Stage::running) core_.learnTooMany(traits_.verb, machine_->tooMany());
  machine_.reset();
}

void BatchRun::startRunning() {
  report_ = std::make_unique<batch::ReportBuilder>(items());
  plan_ = plan(*report_);
  if (dimension_ != 0)
    embedStage_ = std::make_shared<EmbedStage>(core_, traits_.role, dimension_, embedStop_.get_token(), [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->pump();
    });
  stage_ = Stage::running;
  startMachine(traits_.writes, [this](const batch::Settlement& settlement) { settle(settlement); });
  closeIfPlanned();
}

void BatchRun::endWithoutRunning() {
  report_ = std::make_unique<batch::ReportBuilder>(items());
  plan_ = plan(*report_);
  const bool unsent = static_cast<bool>(stopReason_);
  if (!unsent) stopReason_ = preparationError_;
  for (std::size_t position = 0; position < plan_.size(); ++position)
    report_->settle(plan_[position], unsent ? Outcome::unsent : Outcome::failed, stopReason_, 0);
  nextPlanned_ = plan_.size();
  finish();
}

}  // namespace qbatch::run
