#pragma once
#include "arguments.hpp"
#include "session.hpp"
#include "tally.hpp"

namespace cli {

/// `store --one-by-one`: a call for each pattern, one after another. Reads the whole input first, so that after a stop it can say of each
/// item that is left what became of it.
[[nodiscard]] ExitCode storeSingly(const StoreArguments& arguments, const Context& context);

}  // namespace cli
