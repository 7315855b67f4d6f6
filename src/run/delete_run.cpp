#include "run/delete_run.hpp"

#include <utility>

#include "batch/equal_ids.hpp"
#include "batch/stored_content.hpp"
#include "run/collection_checks.hpp"
#include "run/points_by_id.hpp"

namespace qbatch::run {

namespace {
constexpr BatchRun::Traits deleteTraits{.readsBack = true, .follows = true, .verb = Verb::remove};
}

DeleteRun::DeleteRun(ClientCore& core, CallOptions options, std::vector<PointId> ids)
    : BatchRun(core, std::move(options), deleteTraits), ids_(std::move(ids)) {}

DeleteRun::DeleteRun(ClientCore& core, CallOptions options, std::string filter)
    : BatchRun(core, std::move(options), deleteTraits), filter_(std::move(filter)), reading_(true) {}

BatchRun::Preparation DeleteRun::nextPreparation() {
  if (!reading_) return {};
  ScrollPoints page;
  page.collection = call().collection;
  page.vectorName = core().options().vectorName;
  page.filter = filter_;
  page.limit = 10000;
  page.from = next_;
  return Request(std::move(page));
}

void DeleteRun::prepared(const Answer& answer) {
  const auto* page = std::get_if<ScrollPage>(&answer);
  if (!page) return refusePreparation(Error(Errc::internal, Origin::server, "the backend's answer does not fit the request"));
  for (const auto& point : page->points) ids_.push_back(point.id);
  next_ = page->next;
  reading_ = next_.has_value();
}

batch::IndexMap DeleteRun::plan(batch::ReportBuilder& report) {
  return batch::oneOfEachId(
      std::vector<bool>(ids_.size(), true), [this](std::size_t index) -> const PointId& { return ids_[index]; },
      [&](batch::IdGroup group) {
        for (const auto index : group.subspan(1)) report.follow(index, group.front());
        return group.front();
      });
}

void DeleteRun::encode(Chunk& chunk) const {
  for (const auto index : chunk.items) chunk.ids.push_back(ids_[index]);
}

Request DeleteRun::request(const Chunk& chunk, batch::Range part) const {
  return DeletePoints{call().collection, std::span(chunk.ids).subspan(part.first, part.size())};
}

Request DeleteRun::readBack(const Chunk& chunk, batch::Range part) const { return retrieval(chunk, part); }

std::vector<batch::Found> DeleteRun::found(const Chunk& chunk, batch::Range part, const std::vector<StoredPoint>& points,
                                           Before before) const {
  const PointsById byId(points);
  std::vector<batch::Found> all;
  all.reserve(part.size());
  for (std::size_t item = 0; item < part.size(); ++item)
    all.push_back(batch::deleted(byId.find(chunk.ids[part.first + item]), before[item]));
  return all;
}

}  // namespace qbatch::run
