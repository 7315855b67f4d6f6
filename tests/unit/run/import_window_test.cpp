#include "run/import_window.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using run::ImportWindow;

namespace {

ImportItem itemOf(std::string text, std::vector<float> vector = {}) {
  ImportItem item;
  item.line = 3;
  item.pattern.description = std::move(text);
  item.pattern.vector = std::move(vector);
  return item;
}

}  // namespace

TEST_CASE("a window keeps patterns and what is none apart, each with its index") {
  ImportWindow window;
  window.add(itemOf("a", {1}), 10, 100);
  ImportItem none;
  none.problem = "no JSON";
  window.add(none, 11, 110);
  CHECK_FALSE(window.wantsEmbedding());
  window.add(itemOf("b"), 12, 120);
  CHECK(window.wantsEmbedding());
  CHECK(window.items() == 3);
  CHECK(window.indices == std::vector<std::size_t>{10, 12});
  CHECK(window.lines == std::vector<std::size_t>{3, 3});
  CHECK(window.hashes == std::vector<std::uint64_t>{100, 120});
  CHECK(window.ids[1] == PointId::forContent("b", "", ""));
  REQUIRE(window.noPatterns.size() == 1);
  CHECK(window.noPatterns[0].first == 11);
  CHECK(window.noPatternHashes == std::vector<std::uint64_t>{110});
}

TEST_CASE("an item is estimated to take what it holds on its whole way") {
  const auto small = itemOf("text");
  const auto ready = itemOf("text", std::vector<float>(1000, 0.5f));
  CHECK(run::bytesInRequest(ready.pattern, 0) >= 1000 * 11);
  CHECK(run::bytesInRequest(small.pattern, 1000) == run::bytesInRequest(ready.pattern, 0));
  CHECK(run::bytesOnTheWay(ready, 0) >= 1000 * 15);
  CHECK(run::bytesOnTheWay(small, 1000) >= run::bytesOnTheWay(ready, 1000));
  CHECK(run::bytesOnTheWay(small, 0) >= sizeof(Pattern));
  ImportItem none;
  none.text = std::string(5000, 'x');
  CHECK(run::bytesOnTheWay(none, 0) >= 5000);
}

TEST_CASE("of a window that was not sent every item is unsent, but those that had ended before") {
  ImportWindow window;
  for (std::size_t i = 0; i < 3; ++i) window.add(itemOf("text " + std::to_string(i), {1}), i, i);
  window.ended.push_back({1, Outcome::failed, Error(Errc::embedding, Origin::embedder, "no")});
  const Error why(Errc::cancelled, Origin::caller, "stop");
  const auto report = run::unsentReport(window, why);
  CHECK(report.size() == 3);
  CHECK(report.count(Outcome::unsent) == 2);
  CHECK(report.outcome(1) == Outcome::failed);
  CHECK(report.stopped().code() == Errc::cancelled);
  CHECK(report.id(2) == window.ids[2]);
}
