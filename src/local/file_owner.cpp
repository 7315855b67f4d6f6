#include "local/file_owner.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <optional>
#include <sstream>
#include <system_error>

#include "codec/utf8.hpp"
#include "qbatch/error.hpp"

namespace qbatch::local {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(Errc code, std::string message) { throw RequestError(Error(code, Origin::server, std::move(message))); }

std::string reasonOf(int number) { return std::generic_category().message(number); }

/// Follows links that point to nothing yet, which std::filesystem leaves as they are.
fs::path followDanglingLinks(fs::path path) {
  std::error_code ignored;
  for (int links = 0; links < 40 && fs::is_symlink(path, ignored) && !fs::exists(path, ignored); ++links) {
    const fs::path target = fs::read_symlink(path, ignored);
    if (target.empty()) break;
    path = target.is_absolute() ? target : path.parent_path() / target;
  }
  return path;
}

std::string hostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("unknown");
}

std::string programName() {
  std::array<char, 4096> path{};
  const auto length = readlink("/proc/self/exe", path.data(), path.size() - 1);
  if (length <= 0) return "unknown";
  return fs::path(std::string(path.data(), static_cast<std::size_t>(length))).filename().string();
}

std::string presentTime() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  std::array<char, 32> text{};
  if (gmtime_r(&now, &parts) == nullptr || std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) return "unknown";
  return text.data();
}

struct Owner {
  long pid{};
  std::string host, program, since;
};

/// What the owner wrote; nullopt where it has not yet written all of it.
std::optional<Owner> readOwner(int descriptor) {
  std::array<char, 4096> bytes{};
  const auto length = pread(descriptor, bytes.data(), bytes.size(), 0);
  if (length <= 0) return std::nullopt;
  std::istringstream lines(codec::toValidUtf8({bytes.data(), static_cast<std::size_t>(length)}));
  Owner owner;
  std::string pid;
  if (!std::getline(lines, pid) || !std::getline(lines, owner.host) || !std::getline(lines, owner.program) ||
      !std::getline(lines, owner.since)) {
    return std::nullopt;
  }
  std::istringstream(pid) >> owner.pid;
  return owner;
}

[[noreturn]] void failInUse(const std::string& file, const FileWords& words, const std::optional<Owner>& owner) {
  if (!owner || owner->pid == 0)
    fail(Errc::inUse, fmt::format("the {} `{}` is in use by another process: close it, {}", words.name, file, words.sharing));
  if (owner->pid == getpid() && owner->host == hostName()) {
    fail(Errc::inUse, fmt::format("the {} `{}` is already open in this process (pid {}, `{}`, since {}): {}", words.name, file, owner->pid,
                                  owner->program, owner->since, words.sharing));
  }
  fail(Errc::inUse, fmt::format("the {} `{}` is in use by process {} (`{}` on {}, since {}): close that program, {}", words.name, file,
                                owner->pid, owner->program, owner->host, owner->since, words.sharing));
}

}  // namespace

std::string canonicalFile(const std::string& file, const FileWords& words) {
  if (file.empty()) fail(Errc::storageBroken, fmt::format("the {}'s name is empty: name a file, or `:memory:`", words.name));
  if (file.find('\0') != std::string::npos) fail(Errc::storageBroken, fmt::format("the {}'s name has a NUL byte in it", words.name));
  std::error_code problem;
  const fs::path path = followDanglingLinks(fs::absolute(file, problem));
  if (problem) fail(Errc::storageBroken, fmt::format("the {} `{}` cannot be looked up: {}", words.name, file, problem.message()));
  std::error_code ignored;
  if (fs::is_symlink(path, ignored) && !fs::exists(path, ignored)) {
    fail(Errc::storageBroken, fmt::format("the {} `{}` is a symbolic link that leads in a circle: name a file", words.name, file));
  }
  const fs::path folder = path.parent_path();
  if (!fs::is_directory(folder, problem)) {
    fail(Errc::storageBroken,
         fmt::format("the {} `{}` cannot be opened: there is no folder `{}`; create it first", words.name, file, folder.string()));
  }
  if (fs::is_directory(path, problem))
    fail(Errc::storageBroken, fmt::format("the {} `{}` is a folder: name a file in it", words.name, file));
  fs::path canonical = fs::exists(path, problem) ? fs::canonical(path, problem) : fs::canonical(folder, problem) / path.filename();
  if (problem && problem != std::errc::no_such_file_or_directory) {
    fail(Errc::storageBroken, fmt::format("the {} `{}` cannot be looked up: {}", words.name, file, problem.message()));
  }
  return canonical.string();
}

FileOwner::FileOwner(const std::string& canonicalFile, const FileWords& words) {
  const std::string path = pathFor(canonicalFile);
  descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    const int number = errno;
    if (number == ENOSPC || number == EDQUOT) {
      fail(Errc::storageFull,
           fmt::format("no room left on the disk to open the {} `{}`: free space and try again", words.name, canonicalFile));
    }
    fail(Errc::storageBroken, fmt::format("the {} `{}` cannot be opened: `{}` cannot be written ({}); check the permissions of the folder",
                                          words.name, canonicalFile, path, reasonOf(number)));
  }
  int taken = 0;
  do taken = flock(descriptor_, LOCK_EX | LOCK_NB);
  while (taken != 0 && errno == EINTR);
  if (taken != 0) {
    const int number = errno;
    const auto owner = readOwner(descriptor_);
    close(descriptor_);
    if (number == EWOULDBLOCK) failInUse(canonicalFile, words, owner);
    fail(Errc::storageBroken, fmt::format("the {} `{}` cannot be locked: {}", words.name, canonicalFile, reasonOf(number)));
  }
  const std::string text = fmt::format("{}\n{}\n{}\n{}\n", getpid(), hostName(), programName(), presentTime());
  // The text only names the owner to others; on a full disk the lock alone has to do.
  if (ftruncate(descriptor_, 0) == 0) [[maybe_unused]]
    const auto written = pwrite(descriptor_, text.data(), text.size(), 0);
}

FileOwner::~FileOwner() {
  // Closing, not unlocking: an unlock in a forked child would end the parent's lock, too.
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace qbatch::local
