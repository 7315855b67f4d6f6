#include "run/compare_run.hpp"

#include <utility>

#include "batch/stored_content.hpp"
#include "run/points_by_id.hpp"
#include "run/store_run.hpp"

namespace qbatch::run {

using Kind = VerifyProblem::Kind;

bool CompareRun::computesVectors(const ClientCore& core, const Wanted& wanted, std::span<const Pattern> patterns) {
  return wanted.vectors && core.embedder() && anyWithoutVector(patterns);
}

CompareRun::CompareRun(ClientCore& core, CallOptions options, Wanted wanted, CollectionInfo place, std::span<const Pattern> patterns,
                       std::span<const PointId> ids)
    : PlaceRun(core, std::move(options), {.embeds = computesVectors(core, wanted, patterns), .writes = false}, patterns, std::move(place)),
      wanted_(wanted),
      ids_(ids),
      results_(patterns.size(), Kind::notRead) {}

BatchRun::Preparation CompareRun::nextPreparation() {
  if (std::exchange(resolved_, true) || !computesVectors(core(), wanted_, patterns())) return {};
  return ResolveDimension{};
}

void CompareRun::textOf(std::size_t index, std::string& out) const { appendText(patterns()[index], out); }

void CompareRun::encode(Chunk& chunk) const {
  if (wanted_.payloads) return encodePoints(chunk, patterns(), ids_, core().options().fields);
  for (std::size_t item = 0; item < chunk.items.size(); ++item) {
    chunk.ids.push_back(ids_[chunk.items[item]]);
    chunk.points.push_back({chunk.ids.back(), chunk.vectors[item], {}});
  }
}

Request CompareRun::request(const Chunk& chunk, batch::Range part) const {
  auto retrieve = retrieval(chunk, part);
  retrieve.withPayload = wanted_.payloads;
  retrieve.withVector = wanted_.vectors;
  return retrieve;
}

bool CompareRun::answered(const Chunk& chunk, batch::Range part, Answer& answer) {
  const auto* points = std::get_if<std::vector<StoredPoint>>(&answer);
  if (!points) return false;
  const PointsById byId(*points);
  for (auto item = part.first; item < part.last; ++item) {
    const auto* stored = byId.find(chunk.ids[item]);
    results_[chunk.items[item]] = stored == nullptr ? Kind::missing : compare(chunk.points[item], *stored);
  }
  return true;
}

CompareRun::Found CompareRun::compare(const PointView& wanted, const StoredPoint& stored) const {
  batch::ContentRules rules;
  rules.existing = Existing::keepMetrics;  // what was counted since is no difference
  rules.fields = core().options().fields;
  rules.distance = place()->distance;
  if (wanted_.payloads && !batch::samePayload(wanted.payload, stored.payload, rules)) return Kind::payloadDiffers;
  if (wanted_.vectors && !wanted.vector.empty() && !batch::sameVector(wanted.vector, stored.vector, rules)) return Kind::vectorDiffers;
  return std::nullopt;
}

}  // namespace qbatch::run
