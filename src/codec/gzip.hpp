#pragma once
#include <string>
#include <string_view>

namespace qbatch::codec {

/// Packs `bytes` into `out`, whose memory is used again, quickly rather than tightly: level 1, as numbers written as text hardly get
/// smaller with more. False, and `out` empty, where zlib cannot, or would not make it smaller. Throws std::bad_alloc.
[[nodiscard]] bool gzip(std::string& out, std::string_view bytes);

}  // namespace qbatch::codec
