#include "local/index_kind.hpp"

#include "support/catch.hpp"

using namespace qbatch::local;

TEST_CASE("kinds of indexes have Qdrant's names") {
  for (const auto* name : {"keyword", "integer", "float", "geo", "text", "bool", "datetime", "uuid"}) {
    const auto kind = indexKindNamed(name);
    REQUIRE(kind);
    CHECK(nameOf(*kind) == name);
  }
  CHECK(indexKindNamed("float") == IndexKind::floating);
  CHECK(indexKindNamed("uuid") == IndexKind::uuid);
  CHECK_FALSE(indexKindNamed("Keyword"));
  CHECK_FALSE(indexKindNamed(""));
}
