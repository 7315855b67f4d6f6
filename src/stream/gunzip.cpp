#include "stream/gunzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace qbatch::stream {
namespace {

constexpr std::size_t mostAtOnce = std::numeric_limits<uInt>::max();

}  // namespace

struct Gunzip::State {
  z_stream stream{};
  bool damaged = false;
};

Gunzip::Gunzip() : state_(std::make_unique<State>()) {
  constexpr int gzipOnly = MAX_WBITS + 16;  // 16 more bits of window: zlib's way to ask for gzip's header
  if (inflateInit2(&state_->stream, gzipOnly) != Z_OK) throw std::bad_alloc();
}

Gunzip::~Gunzip() { inflateEnd(&state_->stream); }

bool Gunzip::run(std::string_view& packed, std::string& out) {
  z_stream& stream = state_->stream;
  std::size_t written = 0;
  while (!state_->damaged && written < out.size()) {
    if (between_) {
      packed.remove_prefix(std::min(packed.find_first_not_of('\0'), packed.size()));
      if (packed.empty()) break;
      inflateReset(&stream);
      between_ = false;
    }
    const std::size_t given = std::min(packed.size(), mostAtOnce), room = std::min(out.size() - written, mostAtOnce);
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
    stream.avail_in = static_cast<uInt>(given);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + written);
    stream.avail_out = static_cast<uInt>(room);
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    packed.remove_prefix(given - stream.avail_in);
    written += room - stream.avail_out;
    between_ = result == Z_STREAM_END;
    if (result == Z_BUF_ERROR) break;  // it has taken and given what it could
    state_->damaged = result != Z_OK && !between_;
  }
  out.resize(written);
  return !state_->damaged;
}

const char* Gunzip::problem() const noexcept { return state_->stream.msg ? state_->stream.msg : "no gzip stream"; }

}  // namespace qbatch::stream
