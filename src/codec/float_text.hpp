#pragma once
#include <cstddef>
#include <span>

namespace qbatch::codec {

/// The longest text that writeFloat writes.
constexpr std::size_t longestFloat = 24;

/// Writes the shortest decimal text that a reader gets the same float from which parses it as a double, even with an error of a few last
/// places, and cuts that to a float (Qdrant's does so); nine digits where the shortest text of the float does not stand that. Returns
/// the end. `out` has room for longestFloat bytes. -0 is "-0.0"; JSON's grammar. A value that is not finite becomes NaN, Infinity or one of
/// these with a minus, which is no JSON: whoever reads it refuses the whole text.
[[nodiscard]] char* writeFloat(char* out, float value) noexcept;
/// Writes each value as writeFloat does, and a comma behind each; faster than one by one. `out` has room for longestFloat bytes a value;
/// its comma is among them.
[[nodiscard]] char* writeFloats(char* out, std::span<const float> values) noexcept;

}  // namespace qbatch::codec
