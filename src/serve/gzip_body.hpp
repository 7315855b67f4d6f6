#pragma once
#include <cstddef>
#include <optional>
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

/// Packs quickly rather than tightly; nullopt where zlib cannot, or would not make it smaller. Throws std::bad_alloc.
[[nodiscard]] std::optional<std::string> gzip(std::string_view bytes);

}  // namespace qbatch::serve
