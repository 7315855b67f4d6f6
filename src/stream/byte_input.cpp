#include "stream/byte_input.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "qbatch/lines.hpp"

namespace qbatch::stream {
namespace {

constexpr std::size_t readSize = std::size_t{1} << 18;
constexpr int pollMs = 50;

}  // namespace

ByteInput::ByteInput(const std::string& path) : name_(path == "-" ? "standard input" : path), file_(STDIN_FILENO) {
  if (path != "-") open(path);
  struct stat status {};
  if (::fstat(file_, &status) != 0 || !S_ISREG(status.st_mode)) return;
  // Standard input may be a file of which something has been read already.
  const off_t begin = std::max<off_t>(::lseek(file_, 0, SEEK_CUR), 0);
  if (status.st_size > begin) size_ = static_cast<std::size_t>(status.st_size - begin);
}

ByteInput::~ByteInput() {
  if (file_ != STDIN_FILENO) ::close(file_);
}

void ByteInput::open(const std::string& path) {
  // Without O_NONBLOCK a named pipe would be waited for in here, where nobody can ask to stop.
  file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file_ < 0) throw InputError(name_ + ": cannot be opened: " + std::strerror(errno));
  struct stat status {};
  if (::fstat(file_, &status) == 0 && S_ISDIR(status.st_mode)) {
    ::close(file_);
    throw InputError(name_ + ": is a folder; name a file");
  }
}

ByteInput::Read ByteInput::read(std::string& bytes, const std::stop_token& stop) {
  takenBefore_ = taken_ - left_.size();
  const Read read = !begun_ ? readFirst(bytes, stop) : gunzip_ ? readPacked(bytes, stop) : readFile(bytes, stop);
  given_ = bytes.size();
  return read;
}

ByteInput::Read ByteInput::readFirst(std::string& bytes, const std::stop_token& stop) {
  std::string first;
  while (first.size() < Gunzip::mark.size() && Gunzip::mark.starts_with(first)) {
    const Read read = readFile(bytes, stop);
    if (read == Read::stopped) return read;
    if (read == Read::end) break;
    first += bytes;
  }
  begun_ = true;
  bytes = std::move(first);
  if (!bytes.starts_with(Gunzip::mark)) return bytes.empty() ? Read::end : Read::some;
  packed_.swap(bytes);
  left_ = packed_;
  gunzip_.emplace();
  return readPacked(bytes, stop);
}

ByteInput::Read ByteInput::readPacked(std::string& bytes, const std::stop_token& stop) {
  for (;;) {
    if (left_.empty() && !more_) {
      bytes.clear();
      const Read read = readFile(packed_, stop);
      left_ = packed_;
      if (read == Read::end && !gunzip_->complete())
        throw InputError(name_ + ": the gzip file is cut off: it ends in the middle of its content; fetch it, or pack it, again");
      if (read != Read::some) return read;
    }
    bytes.resize(readSize);
    const bool sound = gunzip_->run(left_, bytes);
    more_ = bytes.size() == readSize || !sound;
    if (!bytes.empty()) return Read::some;
    if (!sound) throw InputError(name_ + ": the gzip file is damaged (" + gunzip_->problem() + "); fetch it, or pack it, again");
  }
}

ByteInput::Read ByteInput::readFile(std::string& bytes, const std::stop_token& stop) {
  bytes.clear();
  while (waitForBytes(stop)) {
    bytes.resize(readSize);
    const ssize_t got = ::read(file_, bytes.data(), bytes.size());
    const int error = errno;
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    taken_ += bytes.size();
    if (got >= 0) return got > 0 ? Read::some : Read::end;
    // Not ready after all, as where somebody else reads from the same pipe.
    if (error != EINTR && error != EAGAIN) throw InputError(name_ + ": cannot be read: " + std::strerror(error));
  }
  return Read::stopped;
}

// False where stop was asked for.
bool ByteInput::waitForBytes(const std::stop_token& stop) const {
  pollfd waited{file_, POLLIN, 0};
  while (!stop.stop_requested()) {
    const int ready = ::poll(&waited, 1, stop.stop_possible() ? pollMs : -1);
    // An end and an error are for read() to tell.
    if (ready > 0) return true;
    // A signal says nothing by itself: whoever heeds it asks to stop.
    if (ready < 0 && errno != EINTR) throw InputError(name_ + ": cannot be read: " + std::strerror(errno));
  }
  return false;
}

std::optional<double> ByteInput::share(std::size_t unused) const noexcept {
  if (size_ == 0) return std::nullopt;
  const double now = static_cast<double>(taken_ - left_.size()), before = static_cast<double>(takenBefore_);
  const double used = given_ == 0 ? 1.0 : 1.0 - static_cast<double>(unused) / static_cast<double>(given_);
  return std::min(1.0, (before + (now - before) * used) / static_cast<double>(size_));
}

}  // namespace qbatch::stream
