#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "qbatch/error.hpp"
#include "qbatch/options.hpp"
#include "qbatch/pattern.hpp"

// Local checks: what is wrong with an item, before anything is embedded or sent. nullopt: nothing. Every Error has Errc::invalidItem,
// Origin::caller, and a message that says what is wrong, where (field and byte) and what to do. All but checkVector see to what only qbatch
// can know; vectors can be left to the server.
namespace qbatch::batch {

[[nodiscard]] std::optional<Error> checkPattern(const Pattern&, const FieldNames&);
[[nodiscard]] std::optional<Error> checkQuery(const Query&);
/// Also refuses two changes of one field in one update (increment and set, `lastUsed` and set).
[[nodiscard]] std::optional<Error> checkUpdate(const MetricUpdate&, const FieldNames&);
/// A vector that is to be stored or searched in a collection of `dimension` floats: length, and every value finite. 0: the length is not
/// known, and any will do.
[[nodiscard]] std::optional<Error> checkVector(std::span<const float> vector, std::size_t dimension);
/// A counter's or mapped metric's name: [A-Za-z0-9_]{1,48}, not beginning with _qbatch.
[[nodiscard]] bool isMetricName(std::string_view name) noexcept;

}  // namespace qbatch::batch
