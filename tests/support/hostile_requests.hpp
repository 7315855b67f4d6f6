#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/hostile_bodies.hpp"
#include "support/hostile_heads.hpp"
#include "support/raw_client.hpp"

namespace qbatch::test {

/// Requests that end within themselves, come too slowly, or not at all.
inline void addUnfinished(std::vector<HostileRequest>& list, const HostileTarget& to) {
  const auto whole = to.sized("no json, and only a part");
  const auto part = whole.substr(0, whole.size() - 5);
  for (std::size_t size = 1; size < part.size(); size += 11) {
    const auto name = std::to_string(size) + " bytes";
    list.push_back({"unfinished: " + name, part.substr(0, size)});
    list.push_back({"cut: " + name, part.substr(0, size), Sending::cut});
    list.push_back({"reset: " + name, part.substr(0, size), Sending::reset});
  }
  list.push_back({"nothing", ""});
  list.push_back({"nothing, cut", "", Sending::cut});
  list.push_back({"nothing, reset", "", Sending::reset});
  list.push_back({"an answer that nobody takes", whole, Sending::reset, true});
  list.push_back({"slowly: a head", to.post("X-Slow: " + std::string(40, 's') + "\r\n").substr(0, 120), Sending::slowly});
  list.push_back({"slowly: a first line", "POST " + to.path + std::string(100, 'a'), Sending::slowly});
  list.push_back({"slowly: a body", to.post("Content-Length: 1000\r\n", std::string(60, 'b')), Sending::slowly});
  list.push_back({"slowly: chunks", to.chunked("1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n1"), Sending::slowly});
}

/// More than two hundred ways to be hostile, for a server that serves `path` as `host`. No two have the same name.
[[nodiscard]] inline std::vector<HostileRequest> hostileRequests(std::string path, std::string host, std::string headers = "") {
  const HostileTarget to{std::move(path), std::move(host), std::move(headers)};
  std::vector<HostileRequest> list;
  addHostileFirstLines(list, to);
  addHostileTargets(list, to);
  addHostileHeaders(list, to);
  addHostileLengths(list, to);
  addHostileChunks(list, to);
  addSmuggling(list, to);
  addHostilePacking(list, to);
  addUnfinished(list, to);
  return list;
}

/// What came of a hostile request.
struct HostileOutcome {
  std::vector<int> statuses{};  ///< of its answers, but for 100
  bool over = true;             ///< it was answered, or its connection ended, in bounded time
  std::chrono::milliseconds time{};

  /// Borne as it should be.
  [[nodiscard]] bool good(const HostileRequest& request) const {
    for (const int status : statuses)
      if (status < 400 || status > 599) return false;
    return over && (!request.smuggles || statuses.size() <= 1);
  }
};

/// Sends it to a server on this machine, which may have RawClient::bound for each of its answers.
[[nodiscard]] inline HostileOutcome sendHostile(std::uint16_t port, const HostileRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  HostileOutcome outcome;
  RawClient client(port);
  if (request.how == Sending::slowly) {
    for (const char byte : request.bytes) {
      if (!client.send({&byte, 1})) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
  } else {
    client.send(request.bytes);
  }
  if (request.how == Sending::reset) {
    client.reset();
    return outcome;
  }
  if (request.how == Sending::cut) client.finishSending();
  const bool toHead = request.bytes.starts_with("HEAD ");
  auto answer = client.answer(toHead);
  while (answer && answer->status == 100) answer = client.answer(toHead);
  // What else is answered shows when nothing more can come.
  if (answer && request.smuggles) client.finishSending();
  while (answer) {
    outcome.statuses.push_back(answer->status);
    if (!request.smuggles) break;
    answer = client.answer();
  }
  outcome.over = answer.has_value() || client.ended();
  outcome.time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  return outcome;
}

}  // namespace qbatch::test
