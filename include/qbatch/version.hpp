#pragma once
#include <string_view>

#include "qbatch/export.hpp"

#define QBATCH_VERSION_MAJOR 0
#define QBATCH_VERSION_MINOR 1
#define QBATCH_VERSION_PATCH 0

namespace qbatch {
/// The version of the library that is linked, "major.minor.patch"; compare with the QBATCH_VERSION_ macros of the headers.
[[nodiscard]] QBATCH_EXPORT std::string_view version() noexcept;
}  // namespace qbatch
