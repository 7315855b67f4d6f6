#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/import.hpp"
#include "qbatch/options.hpp"

// What is wrong with options; each throws one ConfigError that names every bad field.
namespace qbatch {

void checkOptions(const ClientOptions& options);

/// What every per-call option set has, with the verb's limit of items a request. Appends to `problems`.
void checkCall(std::vector<std::string>& problems, std::string_view collection, milliseconds deadline, const ChunkOptions& chunk,
               std::size_t limit, std::string_view limitName);
void checkRead(std::vector<std::string>& problems, std::string_view collection, milliseconds deadline);
void checkSearch(std::vector<std::string>& problems, const SearchOptions& options);
void checkImport(std::vector<std::string>& problems, const ImportOptions& options);
/// The folder that keeps computed vectors; empty: none does.
[[nodiscard]] std::string spoolFolder(const ImportOptions& options);
/// Throws where there are problems.
void throwIfAny(std::vector<std::string> problems);

}  // namespace qbatch
