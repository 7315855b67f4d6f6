#pragma once
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace qbatch::test {

/// What stands in a file; nothing where there is none.
inline std::string bytesOf(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
/// Puts that into a file in place of what it held.
inline void setBytes(const std::string& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace qbatch::test
