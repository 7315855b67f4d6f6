#pragma once
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/cli_program.hpp"
#include "support/openapi_check.hpp"
#include "support/raw_client.hpp"
#include "support/scratch_folder.hpp"

namespace qbatch::test {

/// qbatch-service as a process of its own on a free port, in a folder of its own. Belongs to one thread.
class ServiceProgram {
 public:
  using Answer = RawClient::Answer;

  /// Listens when it returns. `environment` are NAME=value texts.
  /// `err`, where it is given, is the program's stderr instead of what log() reads.
  explicit ServiceProgram(std::vector<std::string> arguments = {"--local", ":memory:"}, std::vector<std::string> environment = {},
                          int err = -1)
      : environment_(std::move(environment)), err_(err) {
    start(std::move(arguments));
  }
  ServiceProgram(const ServiceProgram&) = delete;
  ServiceProgram& operator=(const ServiceProgram&) = delete;
  ~ServiceProgram() { kill(); }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  /// What it wrote to stderr so far: complaints and the access log.
  [[nodiscard]] std::string log() const {
    std::ifstream file(path(".err"), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// On a connection of its own. Throws where no answer comes. Every answer must be one that openapi.json describes.
  [[nodiscard]] Answer ask(const std::string& method, const std::string& target, const std::string& body = {},
                           const std::string& headers = {}) const {
    const auto type = body.empty() || headers.find("content-type:") != std::string::npos ? "" : "content-type: application/json\r\n";
    auto answer = RawClient(port_).ask(rawRequest(method, target, body, type + headers));
    if (!answer) throw std::runtime_error(method + " " + target + ": no answer");
    if (const auto wrong = interface().answerProblem(method, target.substr(0, target.find('?')), answer->status, answer->body))
      throw std::runtime_error(*wrong + "; the answer was " + answer->body.substr(0, 2000));
    return *answer;
  }
  [[nodiscard]] Answer post(const std::string& target, const std::string& body, const std::string& headers = {}) const {
    return ask("POST", target, body, headers);
  }

  /// In the same folder, after stop() or kill().
  void start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {QBATCH_SERVICE, "--listen", "127.0.0.1:0"});
    auto values = environment_;
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"})
      if (const char* value = std::getenv(name)) values.push_back(std::string(name) + "=" + value);
    auto words = pointers(arguments), variables = pointers(values);
    const std::string folder = folder_.path().string();
    const int err = ::open(path(".err").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int ends[2];
    if (err < 0 || ::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe can be had");
    pid_ = ::fork();
    if (pid_ == 0) {
      // Only what is safe after a fork with threads about, until the new program begins.
      ::dup2(ends[1], STDOUT_FILENO);
      ::dup2(err_ >= 0 ? err_ : err, STDERR_FILENO);
      if (::chdir(folder.c_str()) == 0) ::execve(words[0], words.data(), variables.data());
      ::_exit(127);
    }
    ::close(err);
    ::close(ends[1]);
    const auto url = lineOf(ends[0]);
    ::close(ends[0]);
    if (!url.starts_with("http://127.0.0.1:")) throw std::runtime_error("the service did not start: " + log());
    port_ = static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
  }
  /// SIGTERM; the exit code, or 128 and the signal.
  int stop(int signal = SIGTERM) {
    ::kill(pid_, signal);
    return wait();
  }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    static_cast<void>(wait());
  }
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  static const OpenApiCheck& interface() {
    static const OpenApiCheck check(QBATCH_SERVICE_INTERFACE);
    return check;
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  }
  static std::string lineOf(int descriptor) {
    std::string line;
    char byte = 0;
    for (;;) {
      const auto got = ::read(descriptor, &byte, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0 || byte == '\n') return line;
      line += byte;
    }
  }

  std::vector<std::string> environment_;
  const int err_;
  ScratchFolder folder_;
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace qbatch::test
