#include "local/file_format.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "qbatch/error.hpp"

namespace qbatch::local {
namespace {

[[noreturn]] void refuse(const std::string& file, const FileFormat& format, const std::string& what) {
  throw RequestError(Error(Errc::storageBroken, Origin::server, fmt::format("the {} `{}` {}", format.words.name, file, what)));
}

[[noreturn]] void refuseForeign(const std::string& file, const FileFormat& format) {
  refuse(file, format,
         fmt::format("is a database of another program, not {} of qbatch, or its beginning is damaged: name another file, or restore a "
                     "copy; this one was left as it is",
                     format.words.content));
}

[[noreturn]] void refuseNewer(const std::string& file, const FileFormat& format, std::int64_t found) {
  refuse(
      file, format,
      fmt::format("has format {}, and this version of qbatch reads up to format {}: use the newer version that wrote it, or restore a copy "
                  "if there is none; the file was left as it is",
                  found, format.version));
}

std::uint32_t bigEndianAt(const std::array<unsigned char, 100>& bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | bytes[offset + i];
  return value;
}

void createTables(Database& database, const FileFormat& format) {
  for (const char* table : format.tables) database.execute(table);
  database.execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", format.applicationId, format.version).c_str());
}

/// Within a transaction.
void checkFormat(Database& database, const FileFormat& format, const Upgrade& upgrade) {
  const bool fresh = database.integer("SELECT count(*) FROM sqlite_schema") == 0 && database.integer("PRAGMA application_id") == 0;
  if (fresh) return createTables(database, format);
  // Once more, because the newest header may stand in the write-ahead log.
  if (database.integer("PRAGMA application_id") != format.applicationId) refuseForeign(database.file(), format);
  const std::int64_t found = database.integer("PRAGMA user_version");
  if (found > format.version) refuseNewer(database.file(), format, found);
  if (found < 1) refuseDamaged(database, format, "it has no format number");
  if (found < format.version) {
    upgrade(found);
    database.execute(fmt::format("PRAGMA user_version={}", format.version).c_str());
  }
  checkTables(database, format.tables, format);
}

}  // namespace

void checkHeader(const std::string& file, const FileFormat& format) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT) return;
    refuse(file, format, fmt::format("cannot be read ({}): check its permissions", std::generic_category().message(errno)));
  }
  std::array<unsigned char, 100> header{};
  const auto length = pread(descriptor, header.data(), header.size(), 0);
  const int number = errno;
  close(descriptor);
  if (length < 0) refuse(file, format, fmt::format("cannot be read: {}", std::generic_category().message(number)));
  if (length == 0) return;
  if (length < static_cast<ssize_t>(header.size()) || std::memcmp(header.data(), "SQLite format 3", 16) != 0) {
    refuse(file, format,
           fmt::format("is not {} of qbatch, or its beginning is damaged: name another file, or restore a copy; this one was left as it is",
                       format.words.content));
  }
  // The two version bytes: above 2 SQLite would take the file for one that it may only read.
  if (header[18] > 2 || header[19] > 2) refuseForeign(file, format);
  if (bigEndianAt(header, 68) != format.applicationId) refuseForeign(file, format);
  if (const std::int64_t found = bigEndianAt(header, 60); found > format.version) refuseNewer(file, format, found);
}

std::unique_ptr<FileOwner> ownFile(const std::string& canonicalFile, const FileFormat& format) {
  // Opening and closing a file drops the locks that this process already has on it, so that it is looked at only once it is known that
  // nobody here owns it: before there is an owner's file, or when this is the owner.
  if (::access(FileOwner::pathFor(canonicalFile).c_str(), F_OK) != 0) checkHeader(canonicalFile, format);
  auto owner = std::make_unique<FileOwner>(canonicalFile, format.words);
  checkHeader(canonicalFile, format);
  return owner;
}

void openFormat(Database& database, const FileFormat& format, const Upgrade& upgrade) {
  try {
    // Exclusive before the first read: the file is locked as long as it is open, and no shared-memory file is needed. All in one
    // transaction, because beginning it gives an empty file a first page: a file that holds anything holds all of what it needs.
    database.execute("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE");
    checkFormat(database, format, upgrade);
    database.execute("COMMIT");
    if (database.inMemory()) return;
    if (database.text("PRAGMA journal_mode=WAL") != "wal")
      refuse(database.file(), format, "cannot be switched to a write-ahead log: put it on a local disk");
    database.execute(
        "PRAGMA synchronous=FULL; PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864");
    if (const std::string found = database.text(format.check); found != "ok") refuseDamaged(database, format, found);
  } catch (...) {
    database.leaveUntouched();
    throw;
  }
}

void checkTables(Database& database, std::span<const char* const> wanted, const FileFormat& format) {
  Statement named(database, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid");
  for (const char* table : wanted) {
    if (!named.step() || named.text(0) != table)
      refuseDamaged(database, format, fmt::format("its tables are not those of {}", format.words.content));
  }
  if (named.step()) refuseDamaged(database, format, fmt::format("there is something beside the tables of {}", format.words.content));
}

void refuseDamaged(Database& database, const FileFormat& format, const std::string& what) {
  database.leaveUntouched();
  refuse(database.file(), format, fmt::format("is damaged ({}): restore a copy of it; the file was left as it is", what));
}

}  // namespace qbatch::local
