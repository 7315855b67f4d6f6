#include "run/update_run.hpp"

#include <utility>

#include "batch/equal_ids.hpp"
#include "batch/item_checks.hpp"
#include "metrics/merge_updates.hpp"

namespace qbatch::run {

namespace {
// An increment that may have been applied must not be sent again: it could count twice.
constexpr BatchRun::Traits updateTraits{.resendAmbiguous = false, .verb = Verb::update};
}  // namespace

UpdateRun::UpdateRun(ClientCore& core, CallOptions options, std::span<const MetricUpdate> updates)
    : BatchRun(core, std::move(options), updateTraits), updates_(updates) {}

UpdateRun::UpdateRun(ClientCore& core, CallOptions options, std::vector<MetricUpdate> owned)
    : BatchRun(core, std::move(options), updateTraits), owned_(std::move(owned)), updates_(owned_) {}

batch::IndexMap UpdateRun::plan(batch::ReportBuilder& report) {
  const auto& fields = core().options().fields;
  std::vector<bool> good(updates_.size(), true);
  for (std::size_t index = 0; index < updates_.size(); ++index) {
    const auto problem = batch::checkUpdate(updates_[index], fields);
    if (!problem) continue;
    good[index] = false;
    report.settle(index, Outcome::rejected, *problem);
  }
  return batch::oneOfEachId(
      std::move(good), [this](std::size_t index) -> const PointId& { return updates_[index].id; },
      [&](batch::IdGroup group) {
        auto point = metrics::mergeUpdates(updates_, group, fields);
        for (auto& [index, why] : point.overflows)
          report.settle(index, Outcome::rejected, Error(Errc::invalidItem, Origin::caller, std::move(why)));
        const auto leader = point.merged.front();
        for (const auto index : std::span(point.merged).subspan(1)) report.follow(index, leader);
        merged_.emplace(leader, std::move(point.change));
        return leader;
      });
}

std::size_t UpdateRun::bytesOf(std::size_t index) const {
  constexpr std::size_t names = 200, counter = 80;
  if (const auto merged = merged_.find(index); merged != merged_.end()) {
    const auto& change = merged->second;
    return names + change.setJson.size() + change.lastUsed.size() + change.increments.size() * counter;
  }
  const auto& update = updates_[index];
  return names + update.set.json().size() + (update.lastUsed ? update.lastUsed->size() : 0) + (update.increments.size() + 1) * counter;
}

void UpdateRun::encode(Chunk& chunk) const {
  chunk.changes.reserve(chunk.items.size());
  for (const auto index : chunk.items) {
    const auto merged = merged_.find(index);
    chunk.changes.push_back(
        merged != merged_.end() ? merged->second : metrics::mergeUpdates(updates_, std::span(&index, 1), core().options().fields).change);
  }
}

Request UpdateRun::request(const Chunk& chunk, batch::Range part) const {
  return UpdateMetrics{call().collection, std::span(chunk.changes).subspan(part.first, part.size()), core().options().fields};
}

}  // namespace qbatch::run
