#pragma once
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

namespace qbatch::test {

/// Where a process is within SQLite's transactions, told by SQLite's own tracing to memory that outlives the process: what stands there
/// after a kill -9 is what was true at that instant. Nothing in the store's code takes part in it. For processes with one SQLite file.
class TransactionWatch {
 public:
  enum class Phase : int {
    none,
    statements,  ///< BEGIN was begun, COMMIT was not
    commit,      ///< COMMIT was begun and has not returned
  };

  /// Parent and child name the same file.
  explicit TransactionWatch(std::string file) : file_(std::move(file)) {
    const int descriptor = open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0 || ftruncate(descriptor, sizeof(std::atomic<int>)) != 0) throw std::runtime_error("no file for a watch");
    void* const mapped = mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (mapped == MAP_FAILED) throw std::runtime_error("no memory for a watch");
    phase_ = static_cast<std::atomic<int>*>(mapped);
  }
  TransactionWatch(const TransactionWatch&) = delete;
  TransactionWatch& operator=(const TransactionWatch&) = delete;
  ~TransactionWatch() { munmap(phase_, sizeof(std::atomic<int>)); }

  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] Phase phase() const noexcept { return static_cast<Phase>(phase_->load()); }
  void reset() noexcept { phase_->store(0); }

  /// In the child, before it opens its SQLite file. This object has to live as long as the process.
  void watchThisProcess() {
    watched() = phase_;
    if (sqlite3_auto_extension(reinterpret_cast<void (*)()>(traceConnection)) != SQLITE_OK)
      throw std::runtime_error("SQLite is not traced");
  }

 private:
  static std::atomic<int>*& watched() {
    static std::atomic<int>* phase = nullptr;
    return phase;
  }
  static int traceConnection(sqlite3* connection, const char**, const void*) {
    return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, trace, nullptr);
  }
  static int trace(unsigned event, void*, void* statement, void*) {
    const char* const text = sqlite3_sql(static_cast<sqlite3_stmt*>(statement));
    const std::string_view sql = text == nullptr ? "" : text;
    if (event == SQLITE_TRACE_STMT && sql == "BEGIN IMMEDIATE") watched()->store(static_cast<int>(Phase::statements));
    if (event == SQLITE_TRACE_STMT && sql == "COMMIT") watched()->store(static_cast<int>(Phase::commit));
    if (event == SQLITE_TRACE_PROFILE && sql == "COMMIT") watched()->store(static_cast<int>(Phase::none));
    return 0;
  }

  std::string file_;
  std::atomic<int>* phase_ = nullptr;
};

}  // namespace qbatch::test
