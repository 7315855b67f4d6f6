#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "local/file_words.hpp"
#include "qbatch/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace qbatch::local {

/// A SQLite call that failed, with the result code beside the sentence for people.
class SqliteFault : public RequestError {
 public:
  SqliteFault(int code, Error error) : RequestError(std::move(error)), code_(code) {}
  /// SQLite's extended result code.
  [[nodiscard]] int code() const noexcept { return code_; }
  [[nodiscard]] bool diskFull() const noexcept;

 private:
  int code_;
};

class Database;

/// A prepared statement. Bound texts and blobs are not copied: they must live until the next run(), step() to the end, or reset().
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Parameters are numbered from 1.
  Statement& bind(int index, std::int64_t value);
  Statement& bindText(int index, std::string_view text);
  Statement& bindBlob(int index, std::span<const std::byte> bytes);

  /// True where a row is there to be read, false after the last one. Throws SqliteFault.
  [[nodiscard]] bool step();
  /// Carries out a statement that returns no rows, and makes it ready for the next one. Throws SqliteFault.
  void run();
  void reset() noexcept;

  // Columns of the present row, from 0. Views hold until the next step.
  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] std::string_view text(int column) const noexcept;
  [[nodiscard]] std::span<const std::byte> blob(int column) const noexcept;

 private:
  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
};

/// One connection to one SQLite file; used by one thread at a time.
class Database {
 public:
  /// Opens `file`, an absolute path or ":memory:", and creates it where it is missing. `words` must outlive this. Throws SqliteFault.
  explicit Database(std::string file, const FileWords& words = storeWords);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// Carries out statements without parameters, ignoring rows. Throws SqliteFault.
  void execute(const char* sql);
  /// The first column of the first row of a query. Throws SqliteFault.
  [[nodiscard]] std::int64_t integer(const char* sql);
  [[nodiscard]] std::string text(const char* sql);
  /// False after a ROLLBACK or COMMIT, also one that SQLite did by itself after an error.
  [[nodiscard]] bool inTransaction() const noexcept;
  /// Closing will not move the write-ahead log into the file: for files that are refused.
  void leaveUntouched() noexcept;

  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] bool inMemory() const noexcept { return file_ == ":memory:"; }
  [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }
  /// The fault that the last call on this connection ended with.
  [[nodiscard]] SqliteFault fault(int code) const;

 private:
  std::string file_;
  const FileWords& words_;
  sqlite3* handle_ = nullptr;
};

}  // namespace qbatch::local
