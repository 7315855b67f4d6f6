#pragma once
#include <cstddef>
#include <memory>
#include <stop_token>

#include "qbatch/backend.hpp"
#include "qbatch/batch_client.hpp"
#include "settings.hpp"

namespace cli {

/// What every command works with.
struct Context {
  const Settings& settings;
  std::stop_token stop{};
};

/// The server, or the embedded engine's file: then says on stderr which one where nobody named it. A file that is missing is created where
/// `create` says so. Throws qbatch::RequestError.
[[nodiscard]] std::shared_ptr<qbatch::Backend> openBackend(const Settings& settings, bool create);

/// Says on stderr which file is used where nobody named one.
void tellDefaultFile(const Settings& settings);

struct ClientNeeds {
  bool createFile = false;
  bool embedder = false;
  std::size_t concurrency = 0;    ///< 0: adaptive
  std::size_t bufferedBytes = 0;  ///< 0: the library's
};
/// Throws qbatch::RequestError and qbatch::ConfigError.
[[nodiscard]] qbatch::BatchClient openClient(const Settings& settings, const ClientNeeds& needs);

}  // namespace cli
