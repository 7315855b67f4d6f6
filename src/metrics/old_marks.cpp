#include "metrics/old_marks.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>

#include "codec/encode_points.hpp"
#include "codec/json_object.hpp"
#include "metrics/counter_value.hpp"
#include "metrics/guarded_operation.hpp"

namespace qbatch::metrics {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::hours least{24};

bool isMarkKey(std::string_view key) { return key.starts_with(markPrefix) && isWriterName(key.substr(markPrefix.size())); }

}  // namespace

std::optional<Error> sweepProblem(const SweepMarks& request) {
  if (request.olderThan >= least) return std::nullopt;
  return Error(Errc::invalidItem, Origin::caller,
               fmt::format("marks younger than {} hours are not swept, and {} were asked for: a copy of an update may still arrive, and "
                           "counts twice where its mark is gone; ask for {} hours at least",
                           least.count(), request.olderThan.count(), least.count()));
}

std::uint64_t flushesBefore(std::chrono::system_clock::time_point now, std::chrono::hours olderThan) {
  const auto today = std::chrono::floor<milliseconds>(now.time_since_epoch());
  // Compared in hours first: those of a careless caller need not fit into milliseconds.
  if (olderThan >= std::chrono::floor<std::chrono::hours>(today)) return 0;
  return static_cast<std::uint64_t>((today - milliseconds(olderThan)).count()) * 1024;
}

std::vector<Mark> oldMarks(std::string_view payload, std::uint64_t before) {
  std::vector<Mark> marks;
  // Most points have none, and a look at the text is much cheaper than reading it. Nobody who writes marks escapes these letters.
  if (payload.find(markPrefix) == std::string_view::npos) return marks;
  const auto object = codec::JsonObject::ofPayload(payload);
  for (const auto& [key, raw] : object.members()) {
    if (!isMarkKey(key)) continue;
    const auto number = codec::integerValue(raw);
    if (number && *number >= 0 && static_cast<std::uint64_t>(*number) < before) marks.push_back({key, static_cast<std::uint64_t>(*number)});
  }
  return marks;
}

codec::DeletePayload MarkRemoval::operation(std::size_t first, std::size_t count) const {
  std::string filter = R"({"must":[{"has_id":)";
  codec::appendPointIds(filter, std::span(ids).subspan(first, count));
  // What its owner renewed since is a larger number, however late this arrives.
  filter += fmt::format(R"(}},{{"key":"{}","range":{{"lte":{}}}}}]}})", key, upTo);
  return {{key}, std::move(filter)};
}

std::vector<MarkRemoval> markRemovals(std::span<const StoredPoint> points, std::uint64_t before) {
  std::vector<MarkRemoval> removals;
  std::unordered_map<std::string, std::size_t> places;
  for (const auto& point : points) {
    for (auto& mark : oldMarks(point.payload, before)) {
      const auto place = places.try_emplace(mark.key, removals.size()).first->second;
      if (place == removals.size()) removals.push_back({mark.key, 0, {}});
      auto& removal = removals[place];
      // All of them are old, so one bound fits all.
      removal.upTo = std::max(removal.upTo, mark.sequence);
      removal.ids.push_back(point.id);
    }
  }
  return removals;
}

}  // namespace qbatch::metrics
