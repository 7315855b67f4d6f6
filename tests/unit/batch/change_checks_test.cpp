#include "batch/change_checks.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace qbatch;
using batch::checkChange;

namespace {

/// The field that is at fault; empty where none is.
std::string field(const CollectionChange& change) {
  const auto problem = checkChange(change);
  if (!problem) return "";
  CHECK(problem->code() == Errc::invalidItem);
  CHECK(problem->origin() == Origin::caller);
  return problem->message().substr(0, problem->message().find(':'));
}

const std::vector<std::string> badNames = {".", "..", "", "a/b", std::string(256, 'x'), "a\nb", "a\x7f", "\xff", std::string("a\0b", 3)};

CreateCollection create(std::string name, std::size_t dimension = 3) { return {{.name = std::move(name), .dimension = dimension}}; }

}  // namespace

TEST_CASE("names are one to 255 bytes of UTF-8 without slash and control characters") {
  for (const auto& name : badNames) {
    CAPTURE(name);
    CHECK_FALSE(batch::isCollectionName(name));
    CHECK(field(create(name)) == "name");
    CHECK(field(DropCollection{name}) == "collection");
    CHECK(field(SetAlias{name, "a"}) == "alias");
    CHECK(field(SetAlias{"a", name}) == "collection");
  }
  for (const std::string name : {"a", "my notes", "größe", "...", "a?b#c%20"}) CHECK(batch::isCollectionName(name));
  CHECK(batch::isCollectionName(std::string(255, 'x')));
}

TEST_CASE("a new collection has vectors of some length, and texts that are UTF-8") {
  CHECK(field(create("a")).empty());
  CHECK(field(create("a", 0)) == "dimension");
  auto odd = create("a");
  odd.info.vectorName = "\xff";
  CHECK(field(odd) == "vectorName");
  odd = create("a");
  odd.info.embedder = "\xff";
  CHECK(field(odd) == "embedder");
  CHECK(field(DropCollection{"a"}).empty());
  CHECK(field(SetAlias{"a", "b"}).empty());
}
