#include "run/update_run.hpp"

#include <utility>

#include "batch/item_checks.hpp"

namespace qbatch::run {

namespace {
// An increment that may have been applied must not be sent again: it could count twice.
constexpr BatchRun::Traits updateTraits{.resendAmbiguous = false, .verb = Verb::update};
}  // namespace

UpdateRun::UpdateRun(ClientCore& core, CallOptions options, std::span<const MetricUpdate> updates)
    : BatchRun(core, std::move(options), updateTraits), updates_(updates) {}

UpdateRun::UpdateRun(ClientCore& core, CallOptions options, std::vector<MetricUpdate> owned)
    : BatchRun(core, std::move(options), updateTraits), owned_(std::move(owned)), updates_(owned_) {}

batch::SendList UpdateRun::plan(batch::ReportBuilder& report) {
  const auto& fields = core().options().fields;
  std::vector<bool> good(updates_.size(), true);
  for (std::size_t index = 0; index < updates_.size(); ++index) {
    const auto problem = batch::checkUpdate(updates_[index], fields);
    if (!problem) continue;
    good[index] = false;
    report.settle(index, Outcome::rejected, *problem);
  }
  merged_ = metrics::mergeUpdates(updates_, good, fields);
  for (auto& [index, why] : merged_.overflows)
    report.settle(index, Outcome::rejected, Error(Errc::invalidItem, Origin::caller, std::move(why)));
  for (const auto& [index, leader] : merged_.followers) report.follow(index, leader);
  return {false, merged_.leaders};
}

std::size_t UpdateRun::bytesOf(std::size_t index) const {
  constexpr std::size_t names = 200;
  const auto& change = merged_.changes.at(index);
  return names + change.setJson.size() + change.lastUsed.size() + change.increments.size() * 80;
}

void UpdateRun::encode(Chunk& chunk) const {
  for (const auto index : chunk.items) chunk.changes.push_back(merged_.changes.at(index));
}

Request UpdateRun::request(const Chunk& chunk, batch::Range part) const {
  return UpdateMetrics{call().collection, std::span(chunk.changes).subspan(part.first, part.size()), core().options().fields};
}

}  // namespace qbatch::run
