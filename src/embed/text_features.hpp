#pragma once
#include <cstddef>
#include <string_view>

#include "embed/feature_vector.hpp"

namespace qbatch::embed {

/// How much of a text is looked at: what follows its first 16,384 words and runs of signs adds nothing.
inline constexpr std::size_t mostTokens = 16384;

/// Adds what a text is made of to `features`: its words, pairs of neighbouring words, whole identifiers, character n-grams (three and
/// four, of the first 64 characters of a word, with marks for its begin and end) and runs of signs.
///
/// Each counts once, where it first occurs, so that repetition says nothing; and the further behind that is, the less it counts, down to
/// a floor, as descriptions come before the code that they describe. Common words count less and have no n-grams. Any text that is not
/// blank has a feature. Bytes that are not UTF-8 count as signs.
void addTextFeatures(std::string_view text, FeatureVector& features);

}  // namespace qbatch::embed
