#include "codec/processor.hpp"

#include "support/catch.hpp"

TEST_CASE("a processor is not taken to have what this build cannot hold") {
  const bool may = QBATCH_MAY_HAVE_AVX2;
  CHECK((may || !qbatch::codec::hasAvx2()));
  CHECK(qbatch::codec::hasAvx2() == qbatch::codec::hasAvx2());
}
