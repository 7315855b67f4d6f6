#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "local/sqlite.hpp"

// Store files of older formats.
namespace qbatch::local {

/// The format that this version writes.
constexpr std::int64_t storeFormat = 2;

/// The tables of an older format, in the order in which they were made.
[[nodiscard]] std::span<const char* const> olderTables(std::int64_t format);

/// Turns the tables of format 1 into `tables`, which are those of format 2, within the present transaction. `refuseDamaged` is called with
/// what is wrong where something is, and must throw.
void upgradeTables(Database& database, std::span<const char* const> tables, const std::function<void(const std::string&)>& refuseDamaged);

}  // namespace qbatch::local
