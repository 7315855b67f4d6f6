#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include "codec/gzip.hpp"

namespace qbatch::test {

/// `text` packed. Throws where it does not get smaller.
inline std::string gzipped(std::string_view text) {
  std::string packed;
  if (!codec::gzip(packed, text)) throw std::logic_error("a text that does not get smaller");
  return packed;
}

}  // namespace qbatch::test
