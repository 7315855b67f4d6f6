#pragma once
#include <string>

#include "support/catch.hpp"

namespace qbatch::test {

/// Matches a text that has this part; the matcher's name is another one in Catch2 3.
inline auto contains(const std::string& part) {
#if __has_include(<catch2/catch_all.hpp>)
  return Catch::Matchers::ContainsSubstring(part);
#else
  return Catch::Matchers::Contains(part);
#endif
}

}  // namespace qbatch::test
