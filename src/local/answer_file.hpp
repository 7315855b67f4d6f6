#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "local/answer_turns.hpp"
#include "local/file_owner.hpp"
#include "local/sqlite.hpp"

namespace qbatch::local {

/// The SQLite file, or memory, that keeps answers, and which requests were begun. What commit() returned from is on the disk. Used by one
/// thread at a time. Every function throws SqliteFault or RequestError with a sentence that says what to do.
class AnswerFile {
 public:
  /// Opens a file or creates it, and owns it; ":memory:" keeps everything in memory. Refuses, without changing a byte, what is no file of
  /// answers.
  AnswerFile(const std::string& file, AnswerLimits limits);
  ~AnswerFile();

  /// Until its time is over.
  [[nodiscard]] std::optional<KnownAnswer> find(std::string_view key, WallTime now);

  void begin();
  /// Throws where the changes are not in the file as far as this process is concerned; after a crash they may be there.
  void commit();
  void rollback() noexcept;

  // Changes, within begin() and commit(). Each takes the place of what was there for the key.
  void putBegun(std::string_view key, const PointId& request, WallTime now);
  /// The oldest answers make room where there are too many; this one stays, however large it is.
  void putAnswer(std::string_view key, const PointId& request, std::string_view answer, WallTime now);
  void erase(std::string_view key);
  /// Removes so many of those whose time is over; never what was begun by this object, because it may still be running.
  void expire(WallTime now, std::size_t most);

  /// Of keys and answers.
  [[nodiscard]] std::size_t bytes() const noexcept { return static_cast<std::size_t>(bytes_); }
  /// Makes whatever writes fail, as in a file that may only be read.
  void refuseWrites(bool refuse);
  /// Lets the file grow to so many pages only, as a quota does; beyond it writes fail as on a full disk.
  void limitPages(std::int64_t pages);

 private:
  struct Statements;

  void put(std::string_view key, const PointId& request, std::optional<std::string_view> answer, WallTime now);
  void eraseNumber(std::int64_t number, std::int64_t bytes);
  void makeRoom();

  AnswerLimits limits_;
  std::unique_ptr<FileOwner> owner_;  // before the file and longer than it
  std::unique_ptr<Database> database_;
  std::unique_ptr<Statements> statements_;
  std::int64_t newest_ = 0;  // numbers rise in the order of writing
  std::int64_t former_ = 0;  // the newest number of former processes
  std::int64_t bytes_ = 0, committedBytes_ = 0;
};

}  // namespace qbatch::local
