#include "letter_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "qbatch/error.hpp"
#include "qbatch/lines.hpp"

namespace cli {
namespace {

using qbatch::Errc;

constexpr std::size_t blockBytes = std::size_t{1} << 18;

[[noreturn]] void refuse(Errc code, const std::string& message) {
  throw qbatch::RequestError(qbatch::Error(code, qbatch::Origin::caller, message));
}

bool writeAll(int descriptor, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// The name without symbolic links: a link is to go on pointing at the letters.
std::string realName(const std::string& file) {
  std::error_code problem;
  const auto real = std::filesystem::canonical(file, problem);
  if (problem) throw qbatch::InputError(file + ": cannot be opened: " + problem.message());
  return real.string();
}

}  // namespace

LetterFile::LetterFile(const std::string& file) : name_(file), file_(realName(file)), remaining_(file_ + ".replaying") {
  try {
    open();
  } catch (...) {
    closeAll();
    throw;
  }
}

LetterFile::~LetterFile() {
  if (!replaced_ && collected_ >= 0) ::unlink(remaining_.c_str());
  closeAll();
}

void LetterFile::closeAll() noexcept {
  for (const int descriptor : {original_, collected_})
    if (descriptor >= 0) ::close(descriptor);
}

void LetterFile::open() {
  // For writing, as a lock over NFS wants; without blocking, as it might be a pipe.
  original_ = ::open(file_.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (original_ < 0) throw qbatch::InputError(name_ + ": cannot be opened to be read and written: " + std::strerror(errno));
  struct stat facts {};
  struct stat now {};
  if (::fstat(original_, &facts) != 0) fail(name_, "read", errno);
  if (!S_ISREG(facts.st_mode)) throw qbatch::InputError(name_ + ": is no regular file; name a file of dead letters");
  const std::string inUse = name_ + ": is in use by another import or replay; wait for its end";
  if (::flock(original_, LOCK_EX | LOCK_NB) != 0) refuse(Errc::inUse, inUse);
  // Another replay may have put its file in the place of the one that was opened.
  if (::stat(file_.c_str(), &now) != 0 || now.st_ino != facts.st_ino || now.st_dev != facts.st_dev) refuse(Errc::inUse, inUse);
  char mark[2] = {};
  if (::pread(original_, mark, sizeof mark, 0) == 2 && std::string_view(mark, 2) == "\x1f\x8b")
    throw qbatch::InputError(name_ + ": is packed; unpack it with gunzip, as the letters that are still not stored are to stay in it");
  // What a replay that was killed left behind; the file itself holds all of it.
  if (::unlink(remaining_.c_str()) != 0 && errno != ENOENT) fail(remaining_, "removed", errno);
  collected_ = ::open(remaining_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (collected_ < 0 || ::fchmod(collected_, facts.st_mode & 07777) != 0) fail(remaining_, "made", errno);
}

void LetterFile::keepBehind(std::size_t lines) {
  std::vector<char> block(blockBytes);
  off_t at = 0;
  for (;;) {
    const auto got = ::pread(original_, block.data(), block.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(name_, "read", errno);
    if (got == 0) return;
    at += got;
    std::string_view bytes(block.data(), static_cast<std::size_t>(got));
    for (; lines > 0 && !bytes.empty(); --lines) {
      const auto end = bytes.find('\n');
      if (end == std::string_view::npos) break;
      bytes.remove_prefix(end + 1);
    }
    if (lines == 0 && !writeAll(collected_, bytes)) fail(remaining_, "written", errno);
  }
}

void LetterFile::replace() {
  // An error that some earlier write met is told by this descriptor, too, since it was open all the time.
  if (::fsync(collected_) != 0) fail(remaining_, "written", errno);
  if (::rename(remaining_.c_str(), file_.c_str()) != 0) fail(name_, "replaced", errno);
  replaced_ = true;
  const int folder = ::open(std::filesystem::path(file_).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);
  ::close(folder);
}

void LetterFile::fail(const std::string& file, const char* doing, int error) const {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  refuse(full ? Errc::storageFull : Errc::storageBroken,
         file + ": cannot be " + doing + " (" + std::strerror(error) + "); " + name_ + " was left as it was");
}

}  // namespace cli
