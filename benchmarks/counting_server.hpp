#pragma once
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>

#include "qbatch/local_server.hpp"
#include "support/scratch_folder.hpp"

extern char** environ;

namespace bench {

/// A LocalServer in a process of its own: this very program, started once more with `--serve FILE`. It ends with this process, however
/// that ends.
class ServerProcess {
 public:
  /// Over a file in a folder of its own, where what is answered is on the disk, or in memory.
  explicit ServerProcess(bool durable) {
    std::string file = ":memory:";
    if (durable) {
      folder_.emplace();
      file = (folder_->path() / "points.db").string();
    }
    int in[2], out[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0) throw std::runtime_error("no pipe can be had");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    for (const int each : {in[0], in[1], out[0], out[1]}) ::posix_spawn_file_actions_addclose(&actions, each);
    std::string program = "/proc/self/exe", serve = "--serve";
    char* arguments[] = {program.data(), serve.data(), file.data(), nullptr};
    const int failed = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]);
    ::close(out[1]);
    in_ = in[1];
    FILE* const words = ::fdopen(out[0], "r");
    char line[200] = "";
    const bool told = failed == 0 && std::fgets(line, sizeof line, words) != nullptr;
    std::fclose(words);
    if (!told) throw std::runtime_error("the server did not start");
    url_ = line;
    url_.pop_back();
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess() {
    ::close(in_);
    ::waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] const std::string& url() const noexcept { return url_; }

  /// What the process does.
  static int serve(const std::string& file) {
    const qbatch::LocalServer server({.file = file});
    std::puts(server.url().c_str());
    std::fflush(stdout);
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) continue;
    return 0;
  }

 private:
  pid_t pid_ = -1;
  int in_ = -1;
  std::string url_{};
  std::optional<qbatch::test::ScratchFolder> folder_{};  // outlives the process that keeps its file there
};

}  // namespace bench
