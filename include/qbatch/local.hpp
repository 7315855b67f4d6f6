#pragma once
#include <memory>
#include <string>

#include "qbatch/export.hpp"

namespace qbatch {

class Backend;

/// The embedded engine: exact search over collections kept in one SQLite file, or in memory for ":memory:". What it has answered is on the
/// disk. The file is created where it is missing and belongs to this process until the last copy of the pointer is gone.
/// Throws RequestError where the file is in use by another process (named in the message), damaged, or cannot be read or written.
[[nodiscard]] QBATCH_EXPORT std::shared_ptr<Backend> makeLocalBackend(std::string file);

}  // namespace qbatch
