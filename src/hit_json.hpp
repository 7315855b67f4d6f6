#pragma once
#include <string>

#include "qbatch/pattern.hpp"

namespace qbatch::response {

/// Whether a hit is shown with its score: one that was read has none.
enum class Scores { shown, leftOut };
/// Appends a hit as an object of its own: the pattern's members, `metadata` where there is any, `collection` where it names one.
void hit(std::string& out, const Hit& value, Scores scores);

}  // namespace qbatch::response
