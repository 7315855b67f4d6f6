#include "run/store_run.hpp"

#include <algorithm>
#include <utility>

#include "batch/point_groups.hpp"
#include "batch/stored_content.hpp"
#include "codec/encode_payload.hpp"
#include "run/points_by_id.hpp"

namespace qbatch::run {

namespace {

BatchRun::Traits traitsFor(Durability durability) {
  return {.embeds = true, .readsBack = true, .follows = durability == Durability::applied, .verb = Verb::store};
}

}  // namespace

PointId idOf(const Pattern& pattern) {
  return pattern.id ? *pattern.id : PointId::forContent(pattern.description, pattern.code, pattern.language);
}

void appendText(const Pattern& pattern, std::string& out) {
  out.reserve(out.size() + pattern.description.size() + pattern.code.size() + 1);
  out += pattern.description;
  if (!pattern.description.empty() && !pattern.code.empty()) out += '\n';
  out += pattern.code;
}

StoreRun::StoreRun(ClientCore& core, CallOptions options, Existing existing, Durability durability, std::span<const Pattern> patterns)
    : PlaceRun(core, std::move(options), traitsFor(durability), patterns, Missing::asOptionsSay),
      existing_(existing),
      durability_(durability) {}

StoreRun::StoreRun(ClientCore& core, CallOptions options, Existing existing, Durability durability,
                   std::shared_ptr<const std::vector<Pattern>> shared)
    : PlaceRun(core, std::move(options), traitsFor(durability), {}, Missing::asOptionsSay),
      existing_(existing),
      durability_(durability),
      shared_(std::move(shared)) {
  setPatterns(*shared_);
}

StoreRun::StoreRun(ClientCore& core, CallOptions options, Existing existing, Durability durability, std::span<const Pattern> patterns,
                   PreparedWindow window)
    : PlaceRun(core, std::move(options), traitsFor(durability), patterns, std::move(window.place)),
      existing_(existing),
      durability_(durability),
      ended_(std::move(window.ended)),
      ids_(std::move(window.ids)) {}

batch::IndexMap StoreRun::plan(batch::ReportBuilder& report) {
  std::vector<bool> good(patterns().size(), true);
  for (const auto& [index, outcome, error] : ended_) {
    good[index] = false;
    report.settle(index, outcome, error);
  }
  const bool idsKnown = !ids_.empty();
  ids_.reserve(patterns().size());
  for (std::size_t index = 0; index < patterns().size(); ++index) {
    const auto& pattern = patterns()[index];
    if (!idsKnown) ids_.push_back(idOf(pattern));
    if (!good[index]) continue;
    const auto problem = problemOf(pattern);
    if (!problem) continue;
    good[index] = false;
    report.settle(index, Outcome::rejected, *problem);
  }
  return batch::groupPoints(patterns(), ids_, std::move(good), report);
}

void StoreRun::textOf(std::size_t index, std::string& out) const { appendText(patterns()[index], out); }

std::size_t textBytes(const Pattern& pattern) noexcept {
  return pattern.description.size() + pattern.code.size() + pattern.language.size() + pattern.metadata.json().size();
}

bool anyWithoutVector(std::span<const Pattern> patterns) noexcept {
  return std::any_of(patterns.begin(), patterns.end(), [](const Pattern& pattern) { return pattern.vector.empty(); });
}

void encodePoints(Chunk& chunk, std::span<const Pattern> patterns, std::span<const PointId> ids, const FieldNames& fields) {
  std::vector<std::size_t> ends;
  ends.reserve(chunk.items.size());
  for (const auto index : chunk.items) {
    codec::appendPatternPayload(chunk.text, patterns[index], fields);
    ends.push_back(chunk.text.size());
  }
  chunk.points.reserve(chunk.items.size());
  chunk.ids.reserve(chunk.items.size());
  std::size_t from = 0;
  for (std::size_t item = 0; item < chunk.items.size(); ++item) {
    const auto& id = ids[chunk.items[item]];
    chunk.ids.push_back(id);
    chunk.points.push_back({id, chunk.vectors[item], std::string_view(chunk.text).substr(from, ends[item] - from)});
    from = ends[item];
  }
}

void StoreRun::encode(Chunk& chunk) const { encodePoints(chunk, patterns(), ids_, core().options().fields); }

Request StoreRun::request(const Chunk& chunk, batch::Range part) const {
  UpsertPoints upsert;
  upsert.collection = call().collection;
  upsert.vectorName = core().options().vectorName;
  upsert.points = std::span(chunk.points).subspan(part.first, part.size());
  upsert.existing = existing_;
  upsert.durability = durability_;
  upsert.fields = core().options().fields;
  return upsert;
}

Request StoreRun::readBack(const Chunk& chunk, batch::Range part) const {
  auto retrieve = retrieval(chunk, part);
  retrieve.withVector = retrieve.withPayload = existing_ != Existing::skip;  // then it is enough that a point is there
  return retrieve;
}

std::vector<batch::Found> StoreRun::found(const Chunk& chunk, batch::Range part, const std::vector<StoredPoint>& points,
                                          Before before) const {
  batch::ContentRules rules;
  rules.existing = existing_;
  rules.fields = core().options().fields;
  if (place()) rules.distance = place()->distance;
  const PointsById byId(points);
  std::vector<batch::Found> all;
  all.reserve(part.size());
  for (std::size_t item = 0; item < part.size(); ++item) {
    const auto& sent = chunk.points[part.first + item];
    all.push_back(batch::upserted(sent, byId.find(sent.id), before[item], rules));
  }
  return all;
}

}  // namespace qbatch::run
