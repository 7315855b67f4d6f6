#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "local/file_owner.hpp"
#include "local/file_words.hpp"
#include "local/sqlite.hpp"

// SQLite files that are ours alone: how they are known, opened and refused.
namespace qbatch::local {

struct FileFormat {
  const FileWords& words;
  std::uint32_t applicationId;                  ///< SQLite's application_id
  std::int64_t version;                         ///< SQLite's user_version; a higher one was written by a later version of qbatch
  std::span<const char* const> tables;          ///< statements, written as SQLite keeps them: a file is compared with them
  const char* check = "PRAGMA quick_check(1)";  ///< what has to say "ok" of a file that is opened
};

/// Throws RequestError where the file's first bytes tell that it is none of this format. Changes nothing, and locks nothing.
void checkHeader(const std::string& file, const FileFormat& format);

/// Becomes the owner of a file (a canonical path), unless it is none of this format, which must not get an owner's file beside it. Throws
/// RequestError.
[[nodiscard]] std::unique_ptr<FileOwner> ownFile(const std::string& canonicalFile, const FileFormat& format);

/// Brings an older version to the present one, within the present transaction.
using Upgrade = std::function<void(std::int64_t found)>;

/// Makes a file that was just opened ready for use: locked as long as it is open, with its tables, checked, what is committed safe on the
/// disk. Throws SqliteFault or RequestError without having changed a byte where the file is not of this format, or damaged.
void openFormat(Database& database, const FileFormat& format, const Upgrade& upgrade = {});

/// Throws RequestError unless there are exactly these tables.
void checkTables(Database& database, std::span<const char* const> wanted, const FileFormat& format);

/// Throws RequestError (storageBroken): the file is damaged, and what to do. Closing will not change it.
[[noreturn]] void refuseDamaged(Database& database, const FileFormat& format, const std::string& what);

}  // namespace qbatch::local
