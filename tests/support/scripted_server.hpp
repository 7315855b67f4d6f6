#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/http_exchange.hpp"
#include "support/http_socket.hpp"

namespace qbatch::test {

/// An HTTP/1.1 server on 127.0.0.1 for tests: answers by a handler, records what came, and goes wrong by script. A thread for each
/// connection, keep-alive, bodies with their length or in chunks. Every function may be called from any thread, except start and stop,
/// which belong to one; the handler is called by several threads at once.
class ScriptedServer {
 public:
  using Handler = std::function<HttpAnswer(const Exchange&)>;
  using Predicate = std::function<bool(const Exchange&)>;
  static constexpr std::size_t always = static_cast<std::size_t>(-1);

  /// Listens when it returns. Throws std::runtime_error where no socket is to be had.
  explicit ScriptedServer(Handler handler);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  /// Ends every connection and refuses new ones. The port stays this server's own.
  void stop();
  /// Listens again on the same port.
  void start();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// "http://127.0.0.1:PORT"
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  // What goes wrong; what a step says goes before what the handler's answer says. The script is consumed by requests in the order in which
  // they begin to arrive (onAccept: by connections); when it is empty, the first `when` that fits and is not used up; then nothing goes
  // wrong.

  void next(HttpStep step);
  void script(std::vector<HttpStep> steps);
  /// `times` requests that fit get this step. Judged with an empty body where the step acts before the body is read, else with the whole.
  void when(Predicate predicate, HttpStep step, std::size_t times = 1);
  /// Forgets the script and every `when`.
  void behave();
  /// Entries of the script that nobody has met yet.
  [[nodiscard]] std::size_t scriptLeft() const;

  // What came.

  /// Every request whose head was received, in the order in which its body ended.
  [[nodiscard]] std::vector<Exchange> requests() const;
  /// How many requests fit "METHOD /path/pattern"; `*` in the pattern stands for one segment. The query is not looked at.
  [[nodiscard]] std::size_t count(std::string_view pattern) const;
  [[nodiscard]] std::size_t connections() const noexcept { return accepted_; }
  [[nodiscard]] std::size_t openConnections() const noexcept { return open_; }
  [[nodiscard]] std::size_t peakConnections() const noexcept { return peak_; }
  /// What was not HTTP.
  [[nodiscard]] std::vector<std::string> problems() const;
  /// Forgets requests and problems, and lets the peak begin at what is open.
  void forget();

 private:
  friend class HttpConversation;
  struct Connection {
    std::thread thread{};
    std::atomic<bool> done = false;
  };
  struct Rule {
    Predicate predicate;
    HttpStep step;
    std::size_t times;
  };

  void acceptAll(int listener);
  void accepted(int descriptor, std::size_t number);
  std::optional<HttpStep> takeScripted(bool onAcceptOnly);
  std::optional<HttpStep> takeRule(const Exchange& exchange, bool beforeBody);
  void record(const Exchange& exchange);
  void complain(std::string problem);

  Handler handler_;
  int holder_ = -1;  // bound, never listening: keeps the port while the server is stopped
  std::uint16_t port_ = 0;
  std::unique_ptr<StopSignal> stop_{};
  std::thread acceptor_{};
  std::list<Connection> threads_{};  // of the acceptor, and of stop() when that has ended
  std::atomic<std::size_t> accepted_ = 0, open_ = 0, peak_ = 0;

  mutable std::mutex mutex_;  // the rest
  std::deque<HttpStep> script_{};
  std::vector<Rule> rules_{};
  std::vector<Exchange> requests_{};
  std::vector<std::string> problems_{};
};

/// True where "METHOD /path" fits a pattern, see ScriptedServer::count.
[[nodiscard]] bool fitsPattern(const Exchange& exchange, std::string_view pattern);
/// A predicate for ScriptedServer::when.
[[nodiscard]] ScriptedServer::Predicate requestTo(std::string pattern);

}  // namespace qbatch::test
