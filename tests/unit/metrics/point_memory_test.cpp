#include "metrics/point_memory.hpp"

#include <string>

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::metrics;
using std::chrono::minutes;
using Ids = std::vector<PointId>;

namespace {

const PointMemory::TimePoint start{};

FlushedPoint marked(std::uint64_t id, std::string payload = R"({"usage_count":1})") {
  return {.id = id, .payload = std::move(payload), .marked = true};
}

/// A memory, and flushes that end well at a time that the test says.
struct Memory : PointMemory {
  using PointMemory::PointMemory;
  void flush(FlushedPoint point, std::uint64_t sequence, minutes at = minutes(0), const std::string& collection = "c") {
    static_cast<void>(take(collection, point.id));
    giveBack(collection, std::move(point), sequence, start + at);
  }
  KnownPoint known(std::uint64_t id) {  // and no flush
    auto point = take("c", id);
    return point;
  }
};

}  // namespace

TEST_CASE("what was read last is known to the next flush of the point", "[metrics]") {
  Memory memory;
  CHECK(memory.known(1).payload.empty());
  CHECK_FALSE(memory.known(1).trusted);
  memory.flush(marked(1), 5);
  CHECK(memory.known(1).payload == R"({"usage_count":1})");
  CHECK(memory.known(1).trusted);
  CHECK(memory.known(1).rungs == 1);
  CHECK(memory.known(2).payload.empty());
  CHECK(memory.take("d", 1).payload.empty());  // a point of another collection
}

TEST_CASE("what others were seen to write is trusted again when it twice was as known", "[metrics]") {
  Memory memory;
  const auto trusted = [&](std::optional<bool> foreseen) {
    auto point = marked(1);
    point.foreseen = foreseen;
    memory.flush(std::move(point), 5);
    return memory.known(1).trusted;
  };
  CHECK(trusted(std::nullopt));
  CHECK(trusted(true));
  CHECK_FALSE(trusted(false));
  CHECK_FALSE(trusted(true));
  CHECK_FALSE(trusted(false));
  CHECK_FALSE(trusted(true));
  CHECK(trusted(true));
  CHECK(trusted(true));
}

TEST_CASE("rungs double with each lost flush, up to 8, and halve with each that was not lost", "[metrics]") {
  Memory memory;
  const auto rungs = [&](unsigned lost) {
    auto point = marked(1);
    point.lost = lost;
    memory.flush(std::move(point), 5);
    return memory.known(1).rungs;
  };
  CHECK(rungs(0) == 1);
  CHECK(rungs(3) == 2);
  CHECK(rungs(1) == 4);
  CHECK(rungs(1) == 8);
  CHECK(rungs(1) == 8);
  CHECK(rungs(0) == 4);
  CHECK(rungs(0) == 2);
  CHECK(rungs(0) == 1);
  CHECK(rungs(0) == 1);
}

TEST_CASE("marks may go when their points were idle for ten minutes, many or long at a time", "[metrics]") {
  Memory memory;
  for (std::uint64_t id = 1; id <= 300; ++id) memory.flush(marked(id), id, minutes(id <= 100 ? 0 : 2));
  CHECK_FALSE(memory.due(start + minutes(9)));
  CHECK_FALSE(memory.due(start + minutes(11)));  // a hundred are no reason for a request
  const auto removal = memory.due(start + minutes(12));
  REQUIRE(removal);
  CHECK(removal->collection == "c");
  CHECK(removal->ids.size() == 300);
  CHECK(removal->upTo == 300);
  CHECK_FALSE(memory.due(start + minutes(13)));  // they are on the way
  memory.removed(*removal, true);
  CHECK(memory.size() == 0);

  memory.flush(marked(1), 301, minutes(20));
  CHECK_FALSE(memory.due(start + minutes(39)));
  CHECK(memory.due(start + minutes(40)));  // one, after long
}

TEST_CASE("a removal names one collection, and no more points than one request should", "[metrics]") {
  Memory memory(PointMemory::Limits{.removal = 3});
  for (std::uint64_t id = 1; id <= 4; ++id) {
    memory.flush(marked(id), id, minutes(0), "c");
    memory.flush(marked(id), 10 + id, minutes(0), "d");
  }
  const auto first = memory.due(start + minutes(20));
  REQUIRE(first);
  CHECK(first->collection == "c");
  CHECK(first->ids == Ids{1, 2, 3});
  CHECK(first->upTo == 3);
  const auto second = memory.due(start + minutes(20));
  REQUIRE(second);
  CHECK(second->collection == "d");
  CHECK(second->upTo == 13);
}

TEST_CASE("a mark stays while its point is being flushed", "[metrics]") {
  Memory memory;
  memory.flush(marked(1), 1);
  memory.flush(marked(2), 2);
  static_cast<void>(memory.take("c", 1));
  const auto removal = memory.due(start + minutes(30));
  REQUIRE(removal);
  CHECK(removal->ids == Ids{2});
}

TEST_CASE("a mark never goes while a write of any flush of its point may still arrive", "[metrics]") {
  Memory memory;
  auto open = marked(1);
  open.open = true;
  memory.flush(open, 1);
  memory.flush(marked(1), 2);  // this one is settled, but not the one before
  memory.flush(marked(2), 3);
  CHECK(memory.unresolved() == 1);
  const auto removal = memory.due(start + minutes(300));
  REQUIRE(removal);
  CHECK(removal->ids == Ids{2});
  memory.removed(*removal, true);
  CHECK_FALSE(memory.last());
  CHECK(memory.unresolved() == 1);
  CHECK(memory.known(1).payload == R"({"usage_count":1})");
}

TEST_CASE("an unanswered removal may still take the mark, so the mark is known no more", "[metrics]") {
  Memory memory;
  memory.flush(marked(1), 1);
  const auto removal = memory.due(start + minutes(20));
  REQUIRE(removal);
  CHECK(memory.known(1).payload.empty());
  memory.giveBack("c", {.id = 1}, 2, start + minutes(20));  // nothing was written
  memory.removed(*removal, false);
  CHECK(memory.known(1).payload.empty());
  memory.flush(marked(1), 3, minutes(21));  // a mark that the removal cannot take
  CHECK(memory.known(1).payload == R"({"usage_count":1})");
  memory.removed(*removal, true);
  CHECK(memory.known(1).payload == R"({"usage_count":1})");
}

TEST_CASE("what is unresolved is never forgotten, and beyond its limit nothing more is to be begun", "[metrics]") {
  Memory memory(PointMemory::Limits{.points = 10, .unresolved = 20});
  for (std::uint64_t id = 1; id <= 20; ++id) {
    CHECK_FALSE(memory.full());
    memory.flush({.id = id, .open = true}, id);
  }
  CHECK(memory.full());
  CHECK(memory.unresolved() == 20);
  memory.flush({.id = 1}, 21);  // whatever comes later
  CHECK(memory.unresolved() == 20);
}

TEST_CASE("the memory is bounded: unmarked points go first, then marks, asked for and in the end left", "[metrics]") {
  Memory memory(PointMemory::Limits{.points = 10, .removal = 5});
  for (std::uint64_t id = 1; id <= 30; ++id) memory.flush({.id = id, .payload = "{}"}, id);
  CHECK(memory.size() == 10);
  for (std::uint64_t id = 101; id <= 120; ++id) memory.flush(marked(id), id);
  CHECK(memory.size() == 20);
  const auto removal = memory.due(start);  // although none was idle
  REQUIRE(removal);
  CHECK(removal->ids == Ids{101, 102, 103, 104, 105});
  for (std::uint64_t id = 201; id <= 300; ++id) memory.flush(marked(id), id);
  CHECK(memory.size() == 20);
  CHECK(memory.known(101).payload.empty());
  CHECK(memory.known(300).payload == R"({"usage_count":1})");
}

TEST_CASE("at the end all marks go that may, once", "[metrics]") {
  Memory memory(PointMemory::Limits{.removal = 2});
  for (std::uint64_t id = 1; id <= 3; ++id) memory.flush(marked(id), id);
  memory.flush(marked(9), 9, minutes(0), "d");
  memory.flush({.id = 5, .payload = "{}"}, 5);  // not written: no mark
  auto open = marked(6);
  open.open = true;
  memory.flush(open, 6);
  std::vector<std::string> removals;
  while (const auto removal = memory.last()) {
    std::string text = removal->collection + " up to " + std::to_string(removal->upTo) + ":";
    for (const auto& id : removal->ids) text += " " + id.toString();
    removals.push_back(text);
  }
  CHECK(removals == std::vector<std::string>{"c up to 2: 1 2", "c up to 3: 3", "d up to 9: 9"});
}

TEST_CASE("a point that is gone has no mark", "[metrics]") {
  Memory memory;
  memory.flush(marked(1), 1);
  memory.flush({.id = 1, .gone = true}, 2);
  CHECK(memory.size() == 0);
}

TEST_CASE("where most points are not as known, new ones are read before they are trusted", "[metrics]") {
  Memory memory;
  std::uint64_t id = 0;
  const auto trustedAfter = [&](bool foreseen, int times) {
    for (int i = 0; i < times; ++i) {
      auto point = marked(++id);
      point.foreseen = foreseen;
      memory.flush(std::move(point), 5);
    }
    memory.flush(marked(++id), 5);
    return memory.known(id).trusted;
  };
  CHECK(trustedAfter(true, 10));
  CHECK(trustedAfter(false, 1));
  CHECK_FALSE(trustedAfter(false, 10));
  CHECK(trustedAfter(true, 30));
}
