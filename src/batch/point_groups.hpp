#pragma once
#include <span>
#include <vector>

#include "batch/index_map.hpp"
#include "batch/report_builder.hpp"
#include "qbatch/pattern.hpp"

namespace qbatch::batch {

/// Which items of a store call are sent, after equal ids were found (design: "Ids"). `ids[i]` is item i's id, `checked[i]` false where
/// item i was rejected already.
///
/// Equal ids are one point. With the same content everywhere, or ids that were all generated, the last item's content is stored, every
/// item follows it and the later items carry the note sameAs with the first item of the group (a generated-id item whose metadata or vector
/// differs from the last's carries superseded with the last one). Where an explicit id stands with other content, all items whose content
/// differs from the last one's are rejected (Errc::duplicateId).
///
/// Settles the rejected and the followers in `report`, and returns the indices to send.
[[nodiscard]] IndexMap groupPoints(std::span<const Pattern> patterns, std::span<const PointId> ids, std::vector<bool> checked,
                                   ReportBuilder& report);

}  // namespace qbatch::batch
