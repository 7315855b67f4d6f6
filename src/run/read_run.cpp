#include "run/read_run.hpp"

#include <utility>

#include "codec/decode_hit.hpp"
#include "run/points_by_id.hpp"

namespace qbatch::run {

namespace {
constexpr BatchRun::Traits readTraits{.role = EmbedRole::query, .writes = false};
}

RetrieveRun::RetrieveRun(ClientCore& core, CallOptions options, std::vector<PointId> ids)
    : BatchRun(core, std::move(options), readTraits), ids_(std::move(ids)), hits_(ids_.size()) {}

void RetrieveRun::encode(Chunk& chunk) const {
  for (const auto index : chunk.items) chunk.ids.push_back(ids_[index]);
}

Request RetrieveRun::request(const Chunk& chunk, batch::Range part) const { return retrieval(chunk, part); }

bool RetrieveRun::answered(const Chunk& chunk, batch::Range part, Answer& answer) {
  const auto* points = std::get_if<std::vector<StoredPoint>>(&answer);
  if (!points) return false;
  const PointsById byId(*points);
  for (auto item = part.first; item < part.last; ++item) {
    const auto* found = byId.find(chunk.ids[item]);
    if (found == nullptr) continue;
    try {
      hits_[chunk.items[item]] = codec::decodeHit(*found, core().options().fields);
    } catch (const ParseError&) {
      return false;
    }
  }
  return true;
}

void RetrieveRun::complete(ReportData& data) {
  for (const auto& failure : data.failures) hits_[failure.index].reset();
  data.found = std::move(hits_);
  completed_ = &data;
}

std::vector<std::optional<Hit>> RetrieveRun::takeHits() { return completed_ ? std::move(completed_->found) : std::move(hits_); }

CountRun::CountRun(ClientCore& core, CallOptions options, std::string filter)
    : BatchRun(core, std::move(options), readTraits), filter_(std::move(filter)) {}

bool CountRun::answered(const Chunk&, batch::Range, Answer& answer) {
  const auto* count = std::get_if<std::size_t>(&answer);
  if (count) count_ = *count;
  return count != nullptr;
}

}  // namespace qbatch::run
