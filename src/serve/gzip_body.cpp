#include "serve/gzip_body.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace qbatch::serve {
namespace {

constexpr int gzipOnly = MAX_WBITS + 16;  // zlib's way to ask for gzip's header and checksum
constexpr std::size_t step = 64u << 10;

Bytef* bytesOf(const char* text) noexcept { return reinterpret_cast<Bytef*>(const_cast<char*>(text)); }

/// A stream that inflates, ended with the scope.
class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream_, gzipOnly) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  /// Unpacks into the room and says how much of both was used.
  int run(std::string_view& in, char*& out, std::size_t& room) noexcept {
    constexpr std::size_t most = std::numeric_limits<uInt>::max();
    const auto given = static_cast<uInt>(std::min(in.size(), most)), space = static_cast<uInt>(std::min(room, most));
    stream_.next_in = bytesOf(in.data());
    stream_.avail_in = given;
    stream_.next_out = bytesOf(out);
    stream_.avail_out = space;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    in.remove_prefix(given - stream_.avail_in);
    out += space - stream_.avail_out;
    room -= space - stream_.avail_out;
    return code;
  }
  void nextMember() noexcept { inflateReset(&stream_); }

 private:
  z_stream stream_{};
};

}  // namespace

Unpacked gunzip(std::string_view packed, std::size_t limit) {
  Unpacked result;
  Inflater inflater;
  for (bool ended = false; !(ended && packed.empty());) {
    // One byte above the limit tells "as much as allowed" from "more".
    const std::size_t begin = result.bytes.size();
    std::size_t room = std::min(std::max(begin, step), limit + 1 - begin);
    if (room == 0) return {Unpacked::Fault::tooLarge, {}};
    result.bytes.resize(begin + room);
    char* out = result.bytes.data() + begin;
    if (ended) inflater.nextMember();
    const int code = inflater.run(packed, out, room);
    result.bytes.resize(result.bytes.size() - room);
    ended = code == Z_STREAM_END;
    if (code == Z_MEM_ERROR) throw std::bad_alloc();
    // Z_BUF_ERROR, and no progress to come: the input ends before the member does.
    if (!ended && (code != Z_OK || (packed.empty() && room > 0))) return {Unpacked::Fault::corrupt, {}};
  }
  if (result.bytes.size() > limit) return {Unpacked::Fault::tooLarge, {}};
  return result;
}

}  // namespace qbatch::serve
