#pragma once
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "support/child_process.hpp"
#include "support/http_socket.hpp"
#include "support/scratch_folder.hpp"
#include "support/transaction_watch.hpp"

namespace qbatch::test {

/// A LocalServer in a process of its own, over one file and always on the same port, to be killed and started again. Belongs to one thread.
class KilledServer {
 public:
  KilledServer() : holder_(boundSocket(0)), port_(portOf(holder_)) { start(); }
  KilledServer(const KilledServer&) = delete;
  KilledServer& operator=(const KilledServer&) = delete;
  ~KilledServer() {
    child_.reset();
    ::close(holder_);
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  /// Listens when it returns.
  void start() {
    watch_.reset();
    child_.emplace("child: a local server that serves until it is killed",
                   std::vector<std::string>{"QBATCH_CHILD_FILE=" + (folder_.path() / "store.db").string(),
                                            "QBATCH_CHILD_WATCH=" + watch_.file(), "QBATCH_CHILD_PORT=" + std::to_string(port_)});
    std::string line;
    if (!child_->readLine(line) || line != std::to_string(port_)) throw std::runtime_error("the server did not start again");
  }
  /// kill -9. Where the process was within its transactions.
  TransactionWatch::Phase kill() {
    child_->killHard();
    return watch_.phase();
  }

 private:
  int holder_;  // bound, never listening: nobody else gets the port while the server is dead
  std::uint16_t port_;
  ScratchFolder folder_;
  TransactionWatch watch_{(folder_.path() / "watch").string()};
  std::optional<ChildProcess> child_;
};

}  // namespace qbatch::test
