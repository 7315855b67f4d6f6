#include "stream/posix_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "qbatch/error.hpp"

namespace qbatch::stream {
namespace {

[[noreturn]] void fail(Errc code, std::string message) { throw RequestError(Error(code, Origin::caller, std::move(message))); }

/// Repeats a call as long as signals interrupt it.
template <class Call>
auto uninterrupted(const Call& call) noexcept {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace

int Descriptor::close() noexcept {
  // Not repeated where a signal interrupts it: on Linux the number is free by then, and may be another file's.
  if (number_ < 0 || ::close(std::exchange(number_, -1)) == 0 || errno == EINTR) return 0;
  return errno;
}

void failStorage(const StorageName& name, const char* doing, int error) {
  const std::string reason = std::generic_category().message(error);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      fail(Errc::storageFull, fmt::format("no room left on the disk for {} `{}` ({}): what was recorded before stands; free space and "
                                          "start again",
                                          name.what, name.file, reason));
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case EPERM:
    case EISDIR:
    case EROFS:
    case ELOOP:
      failBroken(name, fmt::format("cannot be {} ({}): check that its folder exists and that this user may write there", doing, reason));
    default:
      failBroken(name, fmt::format("cannot be {} ({}): check the disk, then start again", doing, reason));
  }
}

void failBroken(const StorageName& name, std::string_view sentence) {
  fail(Errc::storageBroken, fmt::format("{} `{}` {}", name.what, name.file, sentence));
}

void checkName(const StorageName& name) {
  if (name.file.empty()) fail(Errc::storageBroken, fmt::format("the name of {} is empty", name.what));
  if (name.file.find('\0') != std::string::npos) fail(Errc::storageBroken, fmt::format("the name of {} has a NUL byte in it", name.what));
}

Descriptor openFile(const std::string& file, int flags) noexcept {
  return Descriptor(uninterrupted([&] { return open(file.c_str(), flags | O_CLOEXEC, 0666); }));
}

void lockFile(const Descriptor& file, const StorageName& name) {
  if (uninterrupted([&] { return flock(file.get(), LOCK_EX | LOCK_NB); }) == 0) return;
  if (errno != EWOULDBLOCK) failStorage(name, "locked", errno);
  fail(Errc::inUse, fmt::format("{} `{}` is in use by another import: wait for its end, or name another", name.what, name.file));
}

bool isStill(const Descriptor& file, const std::string& path) noexcept {
  struct stat opened {};
  struct stat named {};
  return fstat(file.get(), &opened) == 0 && stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

int writeWhole(const Descriptor& file, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = uninterrupted([&] { return write(file.get(), bytes.data(), bytes.size()); });
    if (written < 0) return errno;
    if (written == 0) return EIO;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

std::ptrdiff_t readAt(const Descriptor& file, std::size_t offset, char* bytes, std::size_t size) noexcept {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = uninterrupted([&] { return pread(file.get(), bytes + done, size - done, static_cast<off_t>(offset + done)); });
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<std::ptrdiff_t>(done);
}

}  // namespace qbatch::stream
