#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace qbatch::serve {

/// What came of unpacking a body.
struct Unpacked {
  enum class Fault { none, corrupt, tooLarge };
  Fault fault = Fault::none;
  std::string bytes{};  ///< whole where there is no fault
};

/// Unpacks one or several gzip members, and never makes more than `limit` bytes of them. Throws std::bad_alloc.
[[nodiscard]] Unpacked gunzip(std::string_view packed, std::size_t limit);

}  // namespace qbatch::serve
