#include "rest/endpoints.hpp"

#include <map>

#include "support/catch.hpp"

using qbatch::rest::Endpoints;

namespace {
const Endpoints::TimePoint start{};
}

TEST_CASE("requests go to each node in turn") {
  Endpoints nodes({"a", "b", "c"});
  CHECK(nodes.size() == 3);
  std::map<std::string, int> counts;
  for (int i = 0; i < 9; ++i) ++counts[nodes.url(nodes.next(start))];
  CHECK(counts == std::map<std::string, int>{{"a", 3}, {"b", 3}, {"c", 3}});
}

TEST_CASE("a node that could not be connected to is passed over for a while, or until it answers") {
  Endpoints nodes({"a", "b"});
  nodes.failed(0, start);
  for (int i = 0; i < 5; ++i) CHECK(nodes.next(start + std::chrono::seconds(1)) == 1);
  std::map<std::size_t, int> counts;
  for (int i = 0; i < 4; ++i) ++counts[nodes.next(start + std::chrono::seconds(3))];
  CHECK(counts[0] == 2);
  nodes.failed(1, start + std::chrono::seconds(3));
  nodes.answered(1);
  counts.clear();
  for (int i = 0; i < 4; ++i) ++counts[nodes.next(start + std::chrono::seconds(3))];
  CHECK(counts[1] == 2);
}

TEST_CASE("where all have failed, all are tried") {
  Endpoints nodes({"a", "b"});
  nodes.failed(0, start);
  nodes.failed(1, start);
  CHECK(nodes.next(start) != nodes.next(start));
}
