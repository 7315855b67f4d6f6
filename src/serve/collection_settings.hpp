#pragma once
#include <string>

#include "local/collection_config.hpp"
#include "serve/body.hpp"

// A collection's settings: most have no effect on the engine, and are kept and shown again as a Qdrant server would.
namespace qbatch::serve {

/// The ranges that the server checks. Throws RequestError, naming the setting.
void validateSettings(Object body);

/// What was created or changed, without nulls and with the members that the API knows.
void normalizeSettings(local::CollectionConfig& config);
/// Puts the body of a request that updates a collection over its settings. Throws RequestError.
void changeSettings(local::CollectionConfig& config, Element body);

/// That the settings can be read back from the store file as they are. Throws RequestError.
void checkKept(const local::CollectionConfig& config);

/// The member `config` of a collection's description, with the server's usual values where nothing was set.
[[nodiscard]] std::string shownSettings(const local::CollectionConfig& config);

}  // namespace qbatch::serve
