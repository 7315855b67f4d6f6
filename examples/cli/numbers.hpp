#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace cli {

/// The text as a whole number from 0; nullopt where it is anything else, a sign included.
[[nodiscard]] std::optional<std::uint64_t> readWholeNumber(std::string_view text) noexcept;
/// The text as a finite number, in decimal or with an exponent; nullopt where it is anything else.
[[nodiscard]] std::optional<double> readNumber(std::string_view text) noexcept;
/// The number as a float; nullopt where it does not fit the range of finite float32 values.
[[nodiscard]] std::optional<float> toFloat32(double number) noexcept;

}  // namespace cli
