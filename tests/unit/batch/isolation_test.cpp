#include "batch/isolation.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using qbatch::batch::Isolation;

namespace {
/// True where none of the refusals said "stop".
bool goesOn(Isolation& isolation, const std::string& words, unsigned times) {
  for (unsigned i = 0; i < times; ++i) {
    if (isolation.refused(words)) return false;
  }
  return true;
}
}  // namespace

TEST_CASE("isolation: stops at the 32nd refusal with the same words, and stays stopped", "[batch]") {
  Isolation isolation;
  CHECK(goesOn(isolation, "bad", 31));
  CHECK(isolation.refused("bad"));
  CHECK(isolation.refused("bad"));
}

TEST_CASE("isolation: a request that passes begins the count anew", "[batch]") {
  Isolation isolation;
  CHECK(goesOn(isolation, "bad", 31));
  isolation.passed();
  CHECK(goesOn(isolation, "bad", 31));
  CHECK(isolation.refused("bad"));
  isolation.passed();
  CHECK_FALSE(isolation.refused("bad"));
}

TEST_CASE("isolation: different words count apart", "[batch]") {
  Isolation isolation;
  for (int i = 0; i < 31; ++i) {
    CHECK_FALSE(isolation.refused("this"));
    CHECK_FALSE(isolation.refused("that"));
  }
  CHECK(isolation.refused("this"));
  CHECK(isolation.refused("that"));
}

TEST_CASE("isolation: words that are always new do not hide those that repeat", "[batch]") {
  Isolation isolation;
  CHECK(goesOn(isolation, "same", 2));
  for (int i = 0; i < 29; ++i) {
    CHECK_FALSE(isolation.refused("new " + std::to_string(i)));
    CHECK_FALSE(isolation.refused("same"));
  }
  CHECK(isolation.refused("same"));
}

TEST_CASE("isolation: the server's own sentence counts before the message", "[batch]") {
  CHECK(Isolation::wordsOf(Error(Errc::refused, Origin::server, "message", 400, "sentence")) == "sentence");
  CHECK(Isolation::wordsOf(Error(Errc::refused, Origin::server, "message")) == "message");
}
