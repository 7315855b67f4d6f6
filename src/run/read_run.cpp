#include "run/read_run.hpp"

#include <unordered_map>
#include <utility>

#include "codec/decode_hit.hpp"

namespace qbatch::run {

namespace {
constexpr BatchRun::Traits readTraits{false, EmbedRole::query, false, true};
}

RetrieveRun::RetrieveRun(ClientCore& core, CallOptions options, std::vector<PointId> ids)
    : BatchRun(core, std::move(options), readTraits), ids_(std::move(ids)), hits_(ids_.size()) {}

void RetrieveRun::encode(Chunk& chunk) const {
  for (const auto index : chunk.items) chunk.ids.push_back(ids_[index]);
}

Request RetrieveRun::request(const Chunk& chunk, batch::Range part) const {
  RetrievePoints retrieve;
  retrieve.collection = call().collection;
  retrieve.vectorName = core().options().vectorName;
  retrieve.ids = std::span(chunk.ids).subspan(part.first, part.size());
  return retrieve;
}

bool RetrieveRun::answered(const Chunk& chunk, batch::Range part, Answer& answer) {
  const auto* points = std::get_if<std::vector<StoredPoint>>(&answer);
  if (!points) return false;
  std::unordered_map<PointId, const StoredPoint*> byId;
  for (const auto& point : *points) byId.emplace(point.id, &point);
  for (auto item = part.first; item < part.last; ++item) {
    const auto found = byId.find(chunk.ids[item]);
    if (found == byId.end()) continue;
    try {
      hits_[chunk.items[item]] = codec::decodeHit(*found->second, core().options().fields);
    } catch (const ParseError&) {
      return false;
    }
  }
  return true;
}

CountRun::CountRun(ClientCore& core, CallOptions options, std::string filter)
    : BatchRun(core, std::move(options), readTraits), filter_(std::move(filter)) {}

bool CountRun::answered(const Chunk&, batch::Range, Answer& answer) {
  const auto* count = std::get_if<std::size_t>(&answer);
  if (count) count_ = *count;
  return count != nullptr;
}

}  // namespace qbatch::run
