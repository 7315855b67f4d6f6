#include "local/sqlite.hpp"

#include <fmt/core.h>
#include <sqlite3.h>

#include <system_error>
#include <utility>

namespace qbatch::local {
namespace {

std::string reasonOf(sqlite3* handle, int code) {
  const int system = handle != nullptr ? sqlite3_system_errno(handle) : 0;
  const char* said = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  if (system == 0) return said;
  return fmt::format("{}: {}", said, std::generic_category().message(system));
}

Error errorOf(int code, const std::string& file, const FileWords& words, const std::string& reason) {
  const auto broken = [&](std::string advice) {
    return Error(Errc::storageBroken, Origin::server, fmt::format("the {} `{}` {}", words.name, file, advice));
  };
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Error(Errc::storageFull, Origin::server,
                   fmt::format("no room left on the disk for the {} `{}`: {}", words.name, file, words.whenFull));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return broken(fmt::format("is damaged ({}): restore a copy of it; the file was left as it is", reason));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error(Errc::inUse, Origin::server,
                   fmt::format("the {} `{}` is locked by another program: {}", words.name, file, words.lockedOut));
    case SQLITE_CANTOPEN:
      return broken(fmt::format("cannot be opened ({}): check that its folder exists and that this user may write there", reason));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return broken(fmt::format("cannot be written ({}): check the permissions of the file and its folder", reason));
    case SQLITE_IOERR:
      return broken(fmt::format("cannot be read or written ({}): check the disk, then open it again", reason));
    case SQLITE_NOMEM:
      return Error(Errc::internal, Origin::server, fmt::format("out of memory while using the {} `{}`", words.name, file));
    default:
      // The statements are fixed, so what refuses them is the file.
      return broken(fmt::format("cannot be used ({}): it may be damaged; restore a copy of it", reason));
  }
}

}  // namespace

bool SqliteFault::diskFull() const noexcept { return (code_ & 0xff) == SQLITE_FULL; }

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  const int code =
      sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK) throw database.fault(code);
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int index, std::int64_t value) {
  if (const int code = sqlite3_bind_int64(statement_, index, value); code != SQLITE_OK) throw database_.fault(code);
  return *this;
}

Statement& Statement::bindText(int index, std::string_view text) {
  // An empty view may have no address, which SQLite would take for NULL.
  const char* data = text.empty() ? "" : text.data();
  const int code = sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) throw database_.fault(code);
  return *this;
}

Statement& Statement::bindBlob(int index, std::span<const std::byte> bytes) {
  const void* data = bytes.empty() ? static_cast<const void*>("") : bytes.data();
  const int code = sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_STATIC);
  if (code != SQLITE_OK) throw database_.fault(code);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  SqliteFault fault = database_.fault(code);
  reset();
  throw fault;
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() noexcept {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

std::int64_t Statement::integer(int column) const noexcept { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::text(int column) const noexcept {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::span<const std::byte> Statement::blob(int column) const noexcept {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Database::Database(std::string file, const FileWords& words) : file_(std::move(file)), words_(words) {
  const int code = sqlite3_open_v2(file_.c_str(), &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    SqliteFault failed = fault(code);
    sqlite3_close(handle_);
    throw failed;
  }
  sqlite3_extended_result_codes(handle_, 1);
  // A damaged or hostile file must not make SQLite run what stands in its schema.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

Database::~Database() { sqlite3_close(handle_); }

void Database::execute(const char* sql) {
  if (const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); code != SQLITE_OK) throw fault(code);
}

std::int64_t Database::integer(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::string Database::text(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? std::string(statement.text(0)) : std::string();
}

bool Database::inTransaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }

void Database::leaveUntouched() noexcept { sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }

SqliteFault Database::fault(int code) const {
  const int extended = handle_ != nullptr ? sqlite3_extended_errcode(handle_) : code;
  const int known = (extended & 0xff) == (code & 0xff) ? extended : code;
  return SqliteFault(known, errorOf(known, file_, words_, reasonOf(handle_, known)));
}

}  // namespace qbatch::local
