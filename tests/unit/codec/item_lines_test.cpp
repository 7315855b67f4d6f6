#include "codec/item_lines.hpp"

#include <string>
#include <vector>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/mutation.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::codec;

namespace {

const std::string fullPattern =
    R"({"description":"d","code":"c\n","language":"l","metadata":{"k":[1,{"m":null}]},"id":7,"vector":[1,2.5,-3e-1]})";

template <class Read>
std::string saidOf(const Read& read, std::string line) {
  JsonLines json;
  try {
    (void)read(json, line);
  } catch (const LineError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a pattern has each of its members, or none") {
  JsonLines json;
  std::string line = fullPattern;
  const auto pattern = readPattern(json, line);
  CHECK(pattern.description == "d");
  CHECK(pattern.code == "c\n");
  CHECK(pattern.language == "l");
  CHECK(pattern.metadata.json() == R"({"k":[1,{"m":null}]})");
  CHECK(pattern.id == PointId(7));
  CHECK(pattern.vector == std::vector<float>{1, 2.5f, -0.3f});
  line = "{}";
  const auto none = readPattern(json, line);
  CHECK(none.description.empty());
  CHECK(none.metadata.empty());
  CHECK_FALSE(none.id);
  CHECK(none.vector.empty());
  CHECK(saidOf(readPattern, R"({"descripton":"b"})") ==
        "unknown member \"descripton\"; a pattern has description, code, language, metadata, id and vector");
  CHECK(saidOf(readPattern, "[]") == "must be a JSON object with description, code, language, metadata, id and vector");
}

TEST_CASE("a pattern is read where it is a member, too") {
  JsonLines json;
  std::string line = "{\"before\":1,\"pattern\":" + fullPattern + ",\"after\":[]}";
  Pattern pattern;
  constexpr std::string_view names[] = {"pattern"};
  json.read(
      line,
      [&](Member& member) {
        if (member.name() == "pattern") pattern = patternOf(member);
        return true;
      },
      "a thing", names);
  CHECK(pattern.code == "c\n");
  CHECK(pattern.vector.size() == 3);
}

TEST_CASE("an update has each of its members, and needs an id") {
  JsonLines json;
  std::string line = R"({"id":"3","increment_usage":-2,"success_rate":0.5,"last_used":"2025-01-15T12:00:00Z","set":{"x":1}})";
  const auto update = readMetricUpdate(json, line);
  CHECK(update.id == PointId(3));
  CHECK(update.incrementUsage == -2);
  CHECK(update.successRate == 0.5);
  CHECK(update.lastUsed == "2025-01-15T12:00:00Z");
  CHECK(update.set.json() == R"({"x":1})");
  line = R"({"id":4,"increment_usage":true})";
  CHECK(readMetricUpdate(json, line).incrementUsage == 1);
  CHECK(saidOf(readMetricUpdate, "{}") == "\"id\" is missing: which point to update");
  CHECK(saidOf(readMetricUpdate, R"({"usage":1})") ==
        "unknown member \"usage\"; an update has id, increment_usage, success_rate, last_used and set");
}

TEST_CASE("a query is a text or a vector") {
  JsonLines json;
  std::string line = R"({"text":"x"})";
  CHECK(readQuery(json, line).text == "x");
  line = R"({"vector":[0.5]})";
  CHECK(readQuery(json, line).vector == std::vector<float>{0.5f});
  CHECK(saidOf(readQuery, R"({"txt":"x"})") == "unknown member \"txt\"; a query has text and vector");
}

TEST_CASE("whatever becomes of a line, it is read or refused with a sentence, and stays as it was") {
  const auto seed = test::seed();
  CAPTURE(seed);
  test::Random random(seed);
  JsonLines json;
  int accepted = 0, refused = 0;
  for (auto rounds = test::campaignSize(3000); rounds > 0; --rounds) {
    std::string line = test::mutated(fullPattern, random);
    const std::string before = line;
    try {
      (void)readPattern(json, line);
      ++accepted;
    } catch (const LineError& error) {
      CHECK_FALSE(std::string_view(error.what()).empty());
      ++refused;
    }
    CHECK(line == before);
  }
  CHECK(accepted > 0);
  CHECK(refused > 0);
}
