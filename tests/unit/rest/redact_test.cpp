#include "rest/redact.hpp"

#include <vector>

#include "support/catch.hpp"

using qbatch::rest::redact;

TEST_CASE("secrets are replaced wherever they stand") {
  const std::vector<std::string> secrets = {"s3cret-key", "token"};
  CHECK(redact("key s3cret-key, again s3cret-keys3cret-key; token", secrets) == "key ***, again ******; ***");
  CHECK(redact("nothing here", secrets) == "nothing here");
}

TEST_CASE("empty and very short secrets leave texts alone") {
  const std::vector<std::string> secrets = {"", "abc"};
  CHECK(redact("abc abc", secrets) == "abc abc");
}
