#include "codec/decode_error.hpp"

#include <stdexcept>

#include "support/catch.hpp"

using namespace qbatch::codec;

TEST_CASE("a decoding error is a sentence that names the member") {
  CHECK_THROWS_WITH(failDecoding("result.status", "is not a string"),
                    "the server's answer is not what Qdrant answers: `result.status` is not a string");
  CHECK_THROWS_WITH(failDecoding("", "is cut short"), "the server's answer is cut short");
  CHECK_THROWS_AS(failDecoding("", "is cut short"), DecodeError);
  CHECK_THROWS_AS(failDecoding("", "is cut short"), std::runtime_error);
}
