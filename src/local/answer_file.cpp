#include "local/answer_file.hpp"

#include <fmt/core.h>

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "local/file_format.hpp"
#include "local/row_bytes.hpp"

namespace qbatch::local {
namespace {

// An answer that is NULL: it was begun.
constexpr std::array<const char*, 2> tables{
    "CREATE TABLE answers(number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, request BLOB NOT NULL, at INTEGER NOT NULL, checksum "
    "INTEGER NOT NULL, answer BLOB)",
    "CREATE INDEX answers_at ON answers(at)"};

// The whole check, also of the index: a key that is not found there would be carried out twice.
constexpr FileFormat answerFormat{answerWords, 0x71626161 /* "qbaa" */, 1, tables, "PRAGMA integrity_check(1)"};

std::span<const std::byte> bytesOf(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string_view textOf(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// Notices bytes that changed on the disk, and an answer that came to be NULL.
std::int64_t checksumOf(std::string_view key, const PointId& request, std::optional<std::string_view> answer) {
  const std::int64_t sum = checksum(idBytes(request), bytesOf(key), answer.value_or(""));
  return answer ? sum : ~sum;
}

/// Ends what a statement reads, so that it does not hold the transaction open.
class Reading {
 public:
  explicit Reading(Statement& statement) : statement_(statement) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { statement_.reset(); }

 private:
  Statement& statement_;
};

}  // namespace

struct AnswerFile::Statements {
  explicit Statements(Database& database)
      : find(database, "SELECT request, at, checksum, answer, answer IS NULL FROM answers WHERE key=?"),
        put(database, "INSERT INTO answers VALUES(?,?,?,?,?,?)"),
        putBegun(database, "INSERT INTO answers VALUES(?,?,?,?,?,NULL)"),
        measure(database, "SELECT number, length(key)+ifnull(length(answer),0) FROM answers WHERE key=?"),
        oldest(database, "SELECT number, length(key)+length(answer) FROM answers WHERE answer IS NOT NULL ORDER BY number LIMIT 1"),
        expired(database,
                "SELECT number, length(key)+ifnull(length(answer),0) FROM answers WHERE at<=? AND (answer IS NOT NULL OR number<=?) "
                "ORDER BY at LIMIT ?"),
        erase(database, "DELETE FROM answers WHERE number=?") {}
  Statement find, put, putBegun, measure, oldest, expired, erase;
};

AnswerFile::AnswerFile(const std::string& file, AnswerLimits limits) : limits_(limits) {
  std::string path = file;
  if (file != ":memory:") {
    path = canonicalFile(file, answerWords);
    owner_ = ownFile(path, answerFormat);
  }
  database_ = std::make_unique<Database>(path, answerWords);
  openFormat(*database_, answerFormat);
  statements_ = std::make_unique<Statements>(*database_);
  newest_ = former_ = database_->integer("SELECT max(number) FROM answers");
  bytes_ = committedBytes_ = database_->integer("SELECT sum(length(key)+ifnull(length(answer),0)) FROM answers");
}

AnswerFile::~AnswerFile() = default;

std::optional<KnownAnswer> AnswerFile::find(std::string_view key, WallTime now) {
  Statement& row = statements_->find;
  const Reading reading(row);
  if (!row.bindBlob(1, bytesOf(key)).step()) return std::nullopt;
  const bool begun = row.integer(4) != 0;
  if (limits_.over(row.integer(1), now)) return std::nullopt;
  const auto request = idFromBytes(row.blob(0));
  const auto answer = begun ? std::nullopt : std::optional(textOf(row.blob(3)));
  if (!request || checksumOf(key, *request, answer) != row.integer(2))
    refuseDamaged(*database_, answerFormat, "what is kept for a key is not what was written");
  return KnownAnswer{*request, answer ? std::optional(std::string(*answer)) : std::nullopt};
}

// Not IMMEDIATE: what only reads must work where nothing can be written. Nobody else can have written meanwhile.
void AnswerFile::begin() { database_->execute("BEGIN"); }

void AnswerFile::commit() {
  database_->execute("COMMIT");
  committedBytes_ = bytes_;
}

void AnswerFile::rollback() noexcept {
  try {
    if (database_->inTransaction()) database_->execute("ROLLBACK");
  } catch (const std::exception&) {
    // Then the next begin() fails, and says why.
  }
  bytes_ = committedBytes_;
}

void AnswerFile::putBegun(std::string_view key, const PointId& request, WallTime now) { put(key, request, std::nullopt, now); }

void AnswerFile::putAnswer(std::string_view key, const PointId& request, std::string_view answer, WallTime now) {
  put(key, request, answer, now);
  makeRoom();
}

void AnswerFile::put(std::string_view key, const PointId& request, std::optional<std::string_view> answer, WallTime now) {
  erase(key);
  const IdBytes id = idBytes(request);
  Statement& insert = answer ? statements_->put : statements_->putBegun;
  insert.bind(1, ++newest_).bindBlob(2, bytesOf(key)).bindBlob(3, id).bind(4, now).bind(5, checksumOf(key, request, answer));
  if (answer) insert.bindBlob(6, bytesOf(*answer));
  insert.run();
  bytes_ += static_cast<std::int64_t>(key.size() + (answer ? answer->size() : 0));
}

void AnswerFile::makeRoom() {
  Statement& oldest = statements_->oldest;
  while (limits_.maxBytes != 0 && bytes() > limits_.maxBytes) {
    std::int64_t number = 0, size = 0;
    {
      const Reading reading(oldest);
      if (!oldest.step()) return;
      number = oldest.integer(0);
      size = oldest.integer(1);
    }
    if (number == newest_) return;
    eraseNumber(number, size);
  }
}

void AnswerFile::erase(std::string_view key) {
  Statement& measure = statements_->measure;
  std::int64_t number = 0, size = 0;
  {
    const Reading reading(measure);
    if (!measure.bindBlob(1, bytesOf(key)).step()) return;
    number = measure.integer(0);
    size = measure.integer(1);
  }
  eraseNumber(number, size);
}

void AnswerFile::eraseNumber(std::int64_t number, std::int64_t bytes) {
  statements_->erase.bind(1, number).run();
  bytes_ -= bytes;
}

void AnswerFile::expire(WallTime now, std::size_t most) {
  std::vector<std::pair<std::int64_t, std::int64_t>> found;
  {
    Statement& expired = statements_->expired;
    const Reading reading(expired);
    expired.bind(1, now - limits_.keep).bind(2, former_).bind(3, static_cast<std::int64_t>(most));
    while (expired.step()) found.emplace_back(expired.integer(0), expired.integer(1));
  }
  for (const auto& [number, size] : found) eraseNumber(number, size);
}

void AnswerFile::refuseWrites(bool refuse) { database_->execute(refuse ? "PRAGMA query_only=1" : "PRAGMA query_only=0"); }

void AnswerFile::limitPages(std::int64_t pages) { database_->execute(fmt::format("PRAGMA max_page_count={}", pages).c_str()); }

}  // namespace qbatch::local
