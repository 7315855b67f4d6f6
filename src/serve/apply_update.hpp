#pragma once
#include <cstdint>

#include "local/staged_writes.hpp"
#include "serve/point_update.hpp"

namespace qbatch::serve {

/// What makes an operation impossible before anything of it is applied, whoever waits for it or not. Throws RequestError.
void checkUpdate(const local::VectorLayout& layout, const PointUpdate& update);

/// Carries a checked operation out, and returns its number. Where it throws RequestError it was carried out in part, as by the server:
/// points before the one at fault are changed.
std::uint64_t applyUpdate(local::StagedWrites& staged, local::Shelf& shelf, const PointUpdate& update);

}  // namespace qbatch::serve
