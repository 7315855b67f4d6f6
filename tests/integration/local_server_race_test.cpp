#ifdef QBATCH_WITH_SERVE
#include <simdjson.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "qbatch/local_server.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/raw_client.hpp"
#include "support/scratch_folder.hpp"

// Many clients at once: guarded writes exclude each other, and readers see whole operations only. No time limit decides anything here but
// RawClient's, which stands for "never answered".
namespace qbatch::test {
namespace {

/// One client's connection; what is answered otherwise than with 200 counts as a fault.
class Client {
 public:
  explicit Client(std::uint16_t port) : connection_(port) {}

  bool ask(const std::string& method, const std::string& target, const std::string& body) {
    const auto answer = connection_.ask(rawRequest(method, target, body));
    good_ = good_ && answer && answer->status == 200 && !parser_.parse(answer->body).get(root_);
    return good_;
  }
  /// Of the last answer, by JSON pointer; 0 where there is no such number.
  [[nodiscard]] std::uint64_t number(const std::string& pointer) const {
    std::uint64_t value = 0;
    if (root_.at_pointer(pointer).get(value)) return 0;
    return value;
  }
  [[nodiscard]] simdjson::dom::array list(const std::string& pointer) const { return root_.at_pointer(pointer); }
  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  RawClient connection_;
  simdjson::dom::parser parser_{};
  simdjson::dom::element root_{};
  bool good_ = true;
};

void makeCollection(std::uint16_t port, std::size_t count) {
  Client client(port);
  REQUIRE(client.ask("PUT", "/collections/c", R"({"vectors":{"size":1,"distance":"Dot"}})"));
  std::string points;
  for (std::size_t i = 0; i < count; ++i) {
    points += (i == 0 ? R"({"points":[{"id":)" : R"(,{"id":)") + std::to_string(i) +
              R"(,"vector":[1],"payload":{"counter":0,"step":0,"half":)" + std::to_string(i % 2) + "}}";
  }
  REQUIRE(client.ask("PUT", "/collections/c/points?wait=true", points + "]}"));
}

/// Sets the counter to one more than what was read, where it still is that, and this client's own count of wins with it. A client's own
/// count is written by nobody else, so that it tells for certain whether the client won.
bool raceOnce(Client& client, std::size_t number, std::uint64_t target) {
  const std::string own = "won" + std::to_string(number);
  if (!client.ask("GET", "/collections/c/points/0", "")) return false;
  const auto counter = client.number("/result/payload/counter"), wins = client.number("/result/payload/" + own);
  if (counter >= target) return false;
  const std::string change = R"({"payload":{"counter":)" + std::to_string(counter + 1) + ",\"" + own + "\":" + std::to_string(wins + 1) +
                             R"(},"filter":{"must":[{"has_id":[0]},{"key":"counter","match":{"value":)" + std::to_string(counter) + "}}]}}";
  if (number % 2 == 0) return client.ask("POST", "/collections/c/points/payload?wait=true", change);
  return client.ask("POST", "/collections/c/points/batch?wait=true", R"({"operations":[{"set_payload":)" + change + "}]}");
}

void raceOn(const std::string& file, std::uint64_t target) {
  constexpr std::size_t clients = 8;
  const LocalServer server({.file = file, .threads = 4});
  makeCollection(server.port(), 1);
  std::atomic<std::size_t> faults{0};
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < clients; ++number) {
    threads.emplace_back([&, number] {
      Client client(server.port());
      while (raceOnce(client, number, target)) continue;
      if (!client.good()) ++faults;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(faults == 0);
  Client client(server.port());
  REQUIRE(client.ask("GET", "/collections/c/points/0", ""));
  CHECK(client.number("/result/payload/counter") == target);
  std::uint64_t wins = 0;
  for (std::size_t number = 0; number < clients; ++number) wins += client.number("/result/payload/won" + std::to_string(number));
  CHECK(wins == target);  // more: two had won the same round; fewer: a win was lost
}

/// The value of a member that all points of one half share; nullopt where they differ.
std::optional<std::uint64_t> sharedStep(const simdjson::dom::array points, std::uint64_t half) {
  std::optional<std::uint64_t> shared;
  for (const simdjson::dom::element point : points) {
    std::uint64_t mine = 0, step = 0;
    if (point.at_pointer("/payload/half").get(mine) || point.at_pointer("/payload/step").get(step)) return std::nullopt;
    if (mine != half) continue;
    if (shared && *shared != step) return std::nullopt;
    shared = step;
  }
  return shared;
}

/// Steps of each half only ever grow, and are the same for all of its points.
void readWhile(Client& client, const std::atomic<bool>& writing, std::size_t number, std::atomic<std::size_t>& reads,
               std::atomic<std::size_t>& torn) {
  std::uint64_t last[2] = {0, 0};
  const std::string half = std::to_string(number % 2);
  // Once more after the last write, so that every reader has read.
  for (bool more = true; more;) {
    more = writing;
    const bool scrolls = number < 2;
    const bool answered =
        scrolls ? client.ask("POST", "/collections/c/points/scroll", R"({"limit":1000})")
                : client.ask("POST", "/collections/c/points/query",
                             R"({"query":[1],"limit":1000,"with_payload":true,"filter":{"must":[{"key":"half","match":{"value":)" + half +
                                 "}}]}}");
    if (!answered) return;
    ++reads;
    for (std::uint64_t mine = 0; mine < 2; ++mine) {
      if (!scrolls && mine != number % 2) continue;
      const auto step = sharedStep(client.list("/result/points"), mine);
      if (!step || *step < last[mine]) ++torn;
      last[mine] = step.value_or(last[mine]);
    }
  }
}

void readDuring(const std::string& file, std::size_t steps) {
  constexpr std::size_t readers = 4, points = 200;
  const LocalServer server({.file = file, .threads = 4});
  makeCollection(server.port(), points);
  std::atomic<bool> writing{true};
  std::atomic<std::size_t> reads{0}, torn{0}, faults{0};
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < readers; ++number) {
    threads.emplace_back([&, number] {
      Client client(server.port());
      readWhile(client, writing, number, reads, torn);
      if (!client.good()) ++faults;
    });
  }
  std::vector<std::thread> writers;
  for (std::size_t half = 0; half < 2; ++half) {
    writers.emplace_back([&, half] {
      Client client(server.port());
      for (std::size_t step = 1; step <= steps && client.good(); ++step) {
        client.ask("POST", "/collections/c/points/payload?wait=true",
                   R"({"payload":{"step":)" + std::to_string(step) + R"(},"filter":{"must":[{"key":"half","match":{"value":)" +
                       std::to_string(half) + "}}]}}");
      }
      if (!client.good()) ++faults;
    });
  }
  for (auto& writer : writers) writer.join();
  writing = false;
  for (auto& thread : threads) thread.join();
  CHECK(faults == 0);
  CHECK(torn == 0);
  CHECK(reads >= readers);
  Client client(server.port());
  REQUIRE(client.ask("POST", "/collections/c/points/scroll", R"({"limit":1000})"));
  for (std::uint64_t half = 0; half < 2; ++half) CHECK(sharedStep(client.list("/result/points"), half) == steps);
}

}  // namespace

TEST_CASE("local server: of many clients that change what they read under a guard, one wins each round", "[serve]") {
  const ScratchFolder folder;
  raceOn(":memory:", campaignSize(300));
  raceOn((folder.path() / "race.db").string(), campaignSize(50));
}

TEST_CASE("local server: readers never see half of one operation, and are answered while others write", "[serve]") {
  const ScratchFolder folder;
  readDuring(":memory:", campaignSize(100));
  readDuring((folder.path() / "read.db").string(), campaignSize(30));
}

}  // namespace qbatch::test
#endif
