#include "support/scripted_server.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "support/http_conversation.hpp"

namespace qbatch::test {

ScriptedServer::ScriptedServer(Handler handler) : handler_(std::move(handler)), holder_(boundSocket(0)), port_(portOf(holder_)) { start(); }

ScriptedServer::~ScriptedServer() {
  stop();
  ::close(holder_);
}

void ScriptedServer::start() {
  if (stop_) return;
  const int listener = boundSocket(port_);
  if (::listen(listener, 512) != 0) {
    ::close(listener);
    throw std::runtime_error("listen: the port is taken");
  }
  stop_ = std::make_unique<StopSignal>();
  acceptor_ = std::thread([this, listener] { acceptAll(listener); });
}

void ScriptedServer::stop() {
  if (!stop_) return;
  stop_->raise();
  acceptor_.join();
  for (Connection& connection : threads_) connection.thread.join();
  threads_.clear();
  stop_.reset();
}

void ScriptedServer::acceptAll(int listener) {
  for (;;) {
    std::array<pollfd, 2> entries{pollfd{listener, POLLIN, 0}, pollfd{stop_->descriptor(), POLLIN, 0}};
    if (::poll(entries.data(), entries.size(), -1) < 0) continue;
    if (entries[1].revents != 0) break;
    const int descriptor = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) continue;
    std::erase_if(threads_, [](Connection& connection) {
      if (!connection.done) return false;
      connection.thread.join();
      return true;
    });
    accepted(descriptor, accepted_++);
  }
  ::close(listener);
}

void ScriptedServer::accepted(int descriptor, std::size_t number) {
  auto socket = std::make_shared<HttpSocket>(descriptor, *stop_);
  if (const auto step = takeScripted(true)) return socket->end(step->fault.onAccept);
  const std::size_t open = ++open_;
  std::size_t peak = peak_;
  while (open > peak && !peak_.compare_exchange_weak(peak, open)) {
  }
  Connection& connection = threads_.emplace_back();
  connection.thread = std::thread([this, &connection, number, socket = std::move(socket)]() mutable {
    HttpConversation(*this, *socket, number).run();
    socket.reset();
    --open_;
    connection.done = true;
  });
}

void ScriptedServer::next(HttpStep step) {
  const std::lock_guard lock(mutex_);
  script_.push_back(std::move(step));
}

void ScriptedServer::script(std::vector<HttpStep> steps) {
  for (HttpStep& step : steps) next(std::move(step));
}

void ScriptedServer::when(Predicate predicate, HttpStep step, std::size_t times) {
  const std::lock_guard lock(mutex_);
  rules_.push_back({std::move(predicate), std::move(step), times});
}

void ScriptedServer::behave() {
  const std::lock_guard lock(mutex_);
  script_.clear();
  rules_.clear();
}

std::size_t ScriptedServer::scriptLeft() const {
  const std::lock_guard lock(mutex_);
  return script_.size();
}

std::optional<HttpStep> ScriptedServer::takeScripted(bool onAcceptOnly) {
  const std::lock_guard lock(mutex_);
  if (script_.empty() || (onAcceptOnly && script_.front().fault.onAccept == Cut::none)) return std::nullopt;
  std::optional<HttpStep> step(std::move(script_.front()));
  script_.pop_front();
  return step;
}

std::optional<HttpStep> ScriptedServer::takeRule(const Exchange& exchange, bool beforeBody) {
  const std::lock_guard lock(mutex_);
  for (Rule& rule : rules_) {
    const bool actsEarly = rule.step.fault.readBody.has_value() || rule.step.fault.skipBody;
    if (rule.times == 0 || actsEarly != beforeBody || !rule.predicate(exchange)) continue;
    if (rule.times != always) --rule.times;
    return rule.step;
  }
  return std::nullopt;
}

void ScriptedServer::record(const Exchange& exchange) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(exchange);
}

void ScriptedServer::complain(std::string problem) {
  const std::lock_guard lock(mutex_);
  problems_.push_back(std::move(problem));
}

std::vector<Exchange> ScriptedServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<std::string> ScriptedServer::problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

std::size_t ScriptedServer::count(std::string_view pattern) const {
  const std::lock_guard lock(mutex_);
  std::size_t found = 0;
  for (const Exchange& exchange : requests_) found += fitsPattern(exchange, pattern) ? 1 : 0;
  return found;
}

void ScriptedServer::forget() {
  const std::lock_guard lock(mutex_);
  requests_.clear();
  problems_.clear();
  peak_ = open_.load();
}

bool fitsPattern(const Exchange& exchange, std::string_view pattern) {
  const auto space = pattern.find(' ');
  if (space == std::string_view::npos || pattern.substr(0, space) != exchange.method) return false;
  pattern.remove_prefix(space + 1);
  std::string_view path = exchange.path;
  while (!pattern.empty() && !path.empty()) {
    if (pattern.front() == '*' && path.front() != '/') {
      pattern.remove_prefix(1);
      path.remove_prefix(std::min(path.find('/'), path.size()));
    } else if (pattern.front() == path.front()) {
      pattern.remove_prefix(1);
      path.remove_prefix(1);
    } else {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

ScriptedServer::Predicate requestTo(std::string pattern) {
  return [pattern = std::move(pattern)](const Exchange& exchange) { return fitsPattern(exchange, pattern); };
}

}  // namespace qbatch::test
