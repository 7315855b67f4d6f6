#include "support/lossy_proxy.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace qbatch::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t blockSize = 65536;
// Below the time after which servers close a connection without a request.
constexpr std::chrono::seconds longestIdle{1};
// Requests after which the recording server forgets them.
constexpr std::size_t longestRecord = 1000;

int connectTo(const http::Url& url) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found) != 0) return -1;
  int descriptor = -1;
  for (const addrinfo* each = found; each != nullptr && descriptor < 0; each = each->ai_next) {
    descriptor = ::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
    if (descriptor < 0 || ::connect(descriptor, each->ai_addr, each->ai_addrlen) == 0) continue;
    ::close(descriptor);
    descriptor = -1;
  }
  ::freeaddrinfo(found);
  const int on = 1;
  if (descriptor >= 0) ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return descriptor;
}

/// Headers of one connection, not of what goes over it; ScriptedServer writes its own.
bool belongsToConnection(std::string_view name) {
  constexpr std::array<std::string_view, 6> names = {"connection",     "keep-alive", "transfer-encoding",
                                                     "content-length", "expect",     "proxy-connection"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string forwarded(const Exchange& exchange) {
  std::string bytes = exchange.method + " " + exchange.target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : exchange.headers)
    if (!belongsToConnection(name)) bytes += name + ": " + value + "\r\n";
  if (!exchange.body.empty() || exchange.method == "POST" || exchange.method == "PUT")
    bytes += "Content-Length: " + std::to_string(exchange.body.size()) + "\r\n";
  return bytes + "\r\n" + exchange.body;
}

HttpAnswer cutOff(Cut cut) {
  HttpAnswer answer;
  answer.fault.noAnswer = true;
  answer.fault.cut = cut;
  return answer;
}

}  // namespace

/// A kept-alive connection to the server. Used by one thread at a time.
class LossyProxy::Connection {
 public:
  Connection(int descriptor, const StopSignal& stop) : socket_(descriptor, stop) {}

  /// nullopt where the connection ends, or the proxy, before the answer is whole.
  std::optional<HttpAnswer> ask(const std::string& request) {
    const bool toHead = request.starts_with("HEAD ");
    HttpAnswer answer;
    std::optional<Exchange> head;
    if (!socket_.write(request) || !(head = readHead(answer.status))) return std::nullopt;
    for (const auto& [name, value] : head->headers)
      if (!belongsToConnection(name) || (toHead && name == "content-length")) answer.headers.emplace_back(name, value);
    const auto* wish = head->header("connection");
    last_ = wish != nullptr && *wish == "close";
    const bool hasBody = !toHead && answer.status != 204 && answer.status != 304;
    if (hasBody && !readBody(*head, answer.body)) return std::nullopt;
    usedAt_ = Clock::now();
    return answer;
  }
  [[nodiscard]] bool mayBeUsedAgain() const { return !last_ && Clock::now() - usedAt_ < longestIdle; }

 private:
  bool more() { return socket_.read(input_, blockSize); }
  std::string taken(std::size_t size) {
    std::string part = input_.substr(0, size);
    input_.erase(0, size);
    return part;
  }

  /// The headers, as those of a request.
  std::optional<Exchange> readHead(int& status) {
    std::size_t end = 0;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos)
      if (!more()) return std::nullopt;
    const std::string head = taken(end + 4);
    if (!head.starts_with("HTTP/1.1 ") || std::from_chars(&head[9], &head[0] + head.size(), status).ec != std::errc()) return std::nullopt;
    return parseHead("GET / HTTP/1.1" + head.substr(head.find("\r\n")));
  }
  bool readBody(const Exchange& head, std::string& body) {
    if (head.header("transfer-encoding") != nullptr) return readChunks(body);
    const auto* length = head.header("content-length");
    if (length == nullptr) return false;
    const std::size_t size = std::stoull(*length);
    while (input_.size() < size)
      if (!more()) return false;
    body = taken(size);
    return true;
  }
  bool readChunks(std::string& body) {
    for (;;) {
      std::size_t end = 0, size = 0;
      while ((end = input_.find("\r\n")) == std::string::npos)
        if (!more()) return false;
      if (std::from_chars(input_.data(), input_.data() + end, size, 16).ec != std::errc()) return false;
      while (input_.size() < end + 2 + size + 2)
        if (!more()) return false;
      body.append(input_, end + 2, size);
      input_.erase(0, end + 2 + size + 2);
      if (size == 0) return true;
    }
  }

  HttpSocket socket_;
  std::string input_{};
  Clock::time_point usedAt_{};
  bool last_ = false;
};

LossyProxy::LossyProxy(const std::string& url, Options options)
    : upstream_(http::parseUrl(url)),
      options_(std::move(options)),
      random_(options_.seed),
      server_([this](const Exchange& exchange) { return answer(exchange); }) {
  if (upstream_.scheme != "http") throw std::runtime_error("the proxy speaks plain HTTP alone, not " + url);
}

LossyProxy::~LossyProxy() {
  stop_.raise();
  server_.stop();
}

LossyProxy::Counts LossyProxy::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

LossyProxy::Fate LossyProxy::draw() {
  const std::lock_guard lock(mutex_);
  if (++counts_.requests % longestRecord == 0) server_.forget();
  // The same number of draws for every request, so that a seed means as much as it can where requests come in any order.
  const bool reset = random_.chance(options_.resetBefore), drop = random_.chance(options_.dropAnswer), hard = random_.chance(50),
             late = random_.chance(options_.late);
  if (reset) return Fate::resetBefore;
  if (late) return Fate::late;
  return drop ? (hard ? Fate::droppedByReset : Fate::dropped) : Fate::passed;
}

HttpAnswer LossyProxy::answer(const Exchange& exchange) {
  const auto count = [this](std::size_t Counts::*what) {
    const std::lock_guard lock(mutex_);
    ++(counts_.*what);
  };
  const Fate fate = draw();
  deliver(takeLate(false));
  if (fate == Fate::resetBefore || fate == Fate::late) {
    if (fate == Fate::late) holdBack(exchange);
    count(fate == Fate::late ? &Counts::late : &Counts::resetBefore);
    return cutOff(Cut::reset);
  }
  if (options_.seen) options_.seen(exchange);
  auto way = connection();
  auto answer = way ? way->ask(forwarded(exchange)) : std::nullopt;
  if (!answer) {
    count(&Counts::broken);
    return cutOff(Cut::close);
  }
  keep(std::move(way));
  count(fate == Fate::passed ? &Counts::passed : &Counts::dropped);
  if (fate == Fate::passed) return std::move(*answer);
  return cutOff(fate == Fate::dropped ? Cut::close : Cut::reset);
}

std::unique_ptr<LossyProxy::Connection> LossyProxy::connection() {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(idle_, [](const auto& each) { return !each->mayBeUsedAgain(); });
    if (!idle_.empty()) {
      auto last = std::move(idle_.back());
      idle_.pop_back();
      return last;
    }
  }
  const int descriptor = connectTo(upstream_);
  return descriptor < 0 ? nullptr : std::make_unique<Connection>(descriptor, stop_);
}

void LossyProxy::keep(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (connection->mayBeUsedAgain()) idle_.push_back(std::move(connection));
}

void LossyProxy::holdBack(const Exchange& exchange) {
  const std::lock_guard lock(mutex_);
  late_.push_back({counts_.requests + 1 + random_.below(options_.latest), forwarded(exchange)});
}

std::vector<LossyProxy::Late> LossyProxy::takeLate(bool all) {
  const std::lock_guard lock(mutex_);
  std::vector<Late> due;
  std::erase_if(late_, [&](Late& each) {
    const bool now = all || each.due <= counts_.requests;
    if (now) due.push_back(std::move(each));
    return now;
  });
  return due;
}

void LossyProxy::deliver(const std::vector<Late>& requests) {
  for (const auto& late : requests)
    if (auto way = connection(); way && way->ask(late.bytes)) keep(std::move(way));
}

std::string LossyProxy::Counts::text() const {
  return std::to_string(requests) + " requests: " + std::to_string(resetBefore) + " never forwarded, " + std::to_string(late) +
         " forwarded too late, " + std::to_string(dropped) + " carried out and not answered, " + std::to_string(passed) + " answered, " +
         std::to_string(broken) + " without the server's answer";
}

}  // namespace qbatch::test
