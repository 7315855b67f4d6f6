#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "input.hpp"

namespace cli {

/// An entry of a document, and the index in the input by which it is put in order.
using DocumentEntry = std::pair<std::size_t, std::string>;

/// Calls `take` with each entry of a document's `errors`, its index, line and words being those of the input. `placeOf` gives an item's
/// place by its index in the call.
void forEachError(std::string_view errors, const std::function<Place(std::size_t)>& placeOf, const Wordings& wordings,
                  const std::function<void(DocumentEntry)>& take);
/// The entry of `errors` for a line that is no item; `echo` is the member by which the others show theirs (empty: none).
[[nodiscard]] DocumentEntry errorOf(const RejectedLine& rejected, std::string_view echo);

}  // namespace cli
