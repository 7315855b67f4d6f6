#include "spill_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "settings.hpp"

namespace cli {
namespace {

constexpr std::size_t bufferBytes = std::size_t{1} << 18;

}  // namespace

SpillFile::SpillFile() : folder_(environmentVariable("TMPDIR").value_or("/tmp")) {}

SpillFile::~SpillFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

SpillFile::Piece SpillFile::put(std::string_view text) {
  const Piece piece{flushed_ + buffer_.size(), text.size()};
  buffer_ += text;
  if (buffer_.size() >= bufferBytes) flush();
  return piece;
}

void SpillFile::flush() {
  if (descriptor_ < 0) {
    std::string name = folder_ + "/qbatch-XXXXXX";
    descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor_ < 0) fail("made", errno);
    ::unlink(name.c_str());
  }
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const auto written = ::pwrite(descriptor_, rest.data(), rest.size(), static_cast<off_t>(flushed_ + buffer_.size() - rest.size()));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("written", written < 0 ? errno : EIO);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  flushed_ += buffer_.size();
  buffer_.clear();
}

void SpillFile::get(const Piece& piece, const std::function<void(std::string_view part)>& take) const {
  std::size_t at = piece.offset;
  const std::size_t end = piece.offset + piece.size;
  std::string part;
  while (at < std::min(end, flushed_)) {
    part.resize(std::min({bufferBytes, end - at, flushed_ - at}));
    const auto got = ::pread(descriptor_, part.data(), part.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail("read", got < 0 ? errno : EIO);
    take({part.data(), static_cast<std::size_t>(got)});
    at += static_cast<std::size_t>(got);
  }
  if (at < end) take(std::string_view(buffer_).substr(at - flushed_, end - at));
}

void SpillFile::fail(const char* doing, int error) const {
  throw Failure("a temporary file in " + folder_ + " cannot be " + doing + " (" + std::strerror(error) +
                "); free space there, or name another folder by TMPDIR");
}

}  // namespace cli
