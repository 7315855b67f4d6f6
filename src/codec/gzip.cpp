#include "codec/gzip.hpp"

#include <zlib.h>

#include <limits>

namespace qbatch::codec {
namespace {

Bytef* bytesOf(const char* text) noexcept { return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text)); }

/// What zlib has taken while it packs.
class Deflater {
 public:
  Deflater() {
    constexpr int quick = 1, gzipOnly = MAX_WBITS + 16, memory = 8;  // 16 more bits of window: zlib's way to ask for gzip's header
    ready_ = deflateInit2(&stream_, quick, Z_DEFLATED, gzipOnly, memory, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() {
    if (ready_) deflateEnd(&stream_);
  }

  /// The size of what was written; 0 where it does not fit into `out`.
  std::size_t run(std::string_view bytes, std::string& out) noexcept {
    if (!ready_) return 0;
    stream_.next_in = bytesOf(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
    stream_.next_out = bytesOf(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    return deflate(&stream_, Z_FINISH) == Z_STREAM_END ? out.size() - stream_.avail_out : 0;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

bool gzip(std::string& out, std::string_view bytes) {
  out.clear();
  if (bytes.size() > std::numeric_limits<uInt>::max() / 2) return false;
  out.resize(bytes.size());
  out.resize(Deflater().run(bytes, out));
  return !out.empty();
}

}  // namespace qbatch::codec
