#pragma once
#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "local/catalog.hpp"
#include "local/group_commit.hpp"
#include "qbatch/error.hpp"

namespace qbatch::local {

/// An open store: reads look at names() on their own threads, writes are carried out one after the other on a thread of the engine's.
/// Every function may be called from any thread.
class Engine {
 public:
  /// ":memory:" keeps everything in memory alone. Throws RequestError.
  explicit Engine(const std::string& file);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  /// Waits until every write has ended. May run while a write ends; the rest of the writes is then carried out afterwards.
  ~Engine();

  /// Why nothing can be asked of it: the store is broken, or this process was forked from the one that opened it.
  [[nodiscard]] std::optional<Error> unusable() const;
  [[nodiscard]] std::shared_ptr<const Names> names() const;
  void write(std::unique_ptr<WriteJob> job);

 private:
  struct Store;
  struct Running;

  pid_t process_;  // a forked child has the memory but neither the thread nor the file
  std::unique_ptr<Running> running_;
};

}  // namespace qbatch::local
