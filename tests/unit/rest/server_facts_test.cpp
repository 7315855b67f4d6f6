#include "rest/server_facts.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using rest::ServerFacts;

namespace {
const ServerFacts::TimePoint start{};
codec::CollectionDescription ofPoints(std::size_t points) {
  codec::CollectionDescription description;
  description.points = points;
  return description;
}
}  // namespace

TEST_CASE("the version is kept") {
  ServerFacts facts;
  CHECK_FALSE(facts.version());
  facts.learnVersion({1, 18, 3, "1.18.3"});
  REQUIRE(facts.version());
  CHECK(facts.version()->atLeast(1, 18));
  CHECK_FALSE(facts.version()->atLeast(1, 19));
  CHECK_FALSE(facts.version()->atLeast(2, 0));
}

TEST_CASE("a description is kept for a minute, or until it is forgotten") {
  ServerFacts facts;
  CHECK_FALSE(facts.collection("a", start));
  facts.learnCollection("a", ofPoints(7), start);
  facts.learnCollection("b", ofPoints(8), start);
  REQUIRE(facts.collection("a", start + std::chrono::seconds(59)));
  CHECK(facts.collection("a", start)->points == 7);
  CHECK_FALSE(facts.collection("a", start + std::chrono::seconds(61)));
  facts.forgetCollection("a");
  CHECK_FALSE(facts.collection("a", start));
  CHECK(facts.collection("b", start));
  facts.forgetCollections();
  CHECK_FALSE(facts.collection("b", start));
}

TEST_CASE("what is kept is bounded") {
  ServerFacts facts;
  for (int i = 0; i < 5000; ++i) facts.learnCollection(std::to_string(i), ofPoints(1), start);
  std::size_t kept = 0;
  for (int i = 0; i < 5000; ++i) kept += facts.collection(std::to_string(i), start) ? 1 : 0;
  CHECK(kept <= 1000);
  CHECK(facts.collection("4999", start));
}
