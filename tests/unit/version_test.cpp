#include "qbatch/version.hpp"

#include <string>

#include "support/catch.hpp"

TEST_CASE("the linked version is the headers' version") {
  CHECK(qbatch::version() ==
        std::to_string(QBATCH_VERSION_MAJOR) + "." + std::to_string(QBATCH_VERSION_MINOR) + "." + std::to_string(QBATCH_VERSION_PATCH));
}
