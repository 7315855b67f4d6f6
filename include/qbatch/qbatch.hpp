#pragma once
/// Everything that every build has. The embedded engine is in qbatch/local.hpp (component `local`), the server over it in
/// qbatch/local_server.hpp (component `serve`), which is not included here.
#include "qbatch/backend.hpp"       // IWYU pragma: export
#include "qbatch/batch_client.hpp"  // IWYU pragma: export
#include "qbatch/collections.hpp"   // IWYU pragma: export
#include "qbatch/embedder.hpp"      // IWYU pragma: export
#include "qbatch/error.hpp"         // IWYU pragma: export
#include "qbatch/filter.hpp"        // IWYU pragma: export
#include "qbatch/import.hpp"        // IWYU pragma: export
#include "qbatch/job.hpp"           // IWYU pragma: export
#include "qbatch/json_items.hpp"    // IWYU pragma: export
#include "qbatch/lines.hpp"         // IWYU pragma: export
#include "qbatch/options.hpp"       // IWYU pragma: export
#include "qbatch/pattern.hpp"       // IWYU pragma: export
#include "qbatch/payload.hpp"       // IWYU pragma: export
#include "qbatch/point_id.hpp"      // IWYU pragma: export
#include "qbatch/report.hpp"        // IWYU pragma: export
#include "qbatch/version.hpp"       // IWYU pragma: export
#if __has_include("qbatch/local.hpp")
#include "qbatch/local.hpp"  // IWYU pragma: export
#endif
