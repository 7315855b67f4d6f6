#include "stream/append_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace qbatch::stream {
namespace {

// Where a file system has no lasting numbers for its files, the name never seems to stand for the file that was opened.
constexpr int mostAttempts = 10;

}  // namespace

AppendFile::AppendFile(std::string file, std::string what) : name_{std::move(what), std::move(file)} {
  checkName(name_);
  struct stat facts {};
  int attempts = 0;
  do {
    // Without blocking: a pipe would wait for its other end.
    descriptor_ = openFile(name_.file, O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY);
    if (!descriptor_) failStorage(name_, "opened", errno);
    if (fstat(descriptor_.get(), &facts) != 0) failStorage(name_, "opened", errno);
    if (!S_ISREG(facts.st_mode)) failBroken(name_, "is no regular file: name one, or a new one");
    lockFile(descriptor_, name_);
    // Once more, as its owner until now may have appended, or may have put another file in its place.
    if (fstat(descriptor_.get(), &facts) != 0) failStorage(name_, "opened", errno);
  } while (!isStill(descriptor_, name_.file) && ++attempts < mostAttempts);
  size_ = static_cast<std::size_t>(facts.st_size);
  unsyncedFolder_ = size_ == 0;
}

void AppendFile::eachLine(const std::function<void(std::string_view, std::size_t, bool)>& line) const {
  std::vector<char> block(std::size_t{1} << 18);
  std::string held;  // what earlier blocks have of a line
  std::size_t begin = 0, at = 0;
  while (at < size_) {
    const auto got = readAt(descriptor_, at, block.data(), block.size());
    if (got < 0) failStorage(name_, "read", errno);
    if (got == 0) break;
    std::string_view rest(block.data(), static_cast<std::size_t>(got));
    at += rest.size();
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      std::string_view text = rest.substr(0, end);
      if (!held.empty()) text = held += text;
      line(text, begin, true);
      begin += text.size() + 1;
      held.clear();
      rest.remove_prefix(end + 1);
    }
    held += rest;
  }
  if (!held.empty()) line(held, begin, false);
}

void AppendFile::cut(std::size_t size) {
  if (size >= size_) return;
  if (ftruncate(descriptor_.get(), static_cast<off_t>(size)) != 0) failStorage(name_, "cut", errno);
  size_ = size;
}

void AppendFile::append(std::string_view text) {
  if (failedSync_ != 0) failStorage(name_, "written", failedSync_);
  unsynced_ = unsynced_ || !text.empty();
  if (const int error = writeWhole(descriptor_, text); error != 0) {
    if (ftruncate(descriptor_.get(), static_cast<off_t>(size_)) != 0) {
      failBroken(name_,
                 "cannot be written, and part of a line that could not be taken back may stand at its end: check the disk, then "
                 "start again");
    }
    failStorage(name_, "written", error);
  }
  size_ += text.size();
}

void AppendFile::sync() {
  if (failedSync_ != 0) failStorage(name_, "written", failedSync_);
  if (!unsynced_) return;
  if (fdatasync(descriptor_.get()) != 0) failStorage(name_, "written", failedSync_ = errno);
  if (unsyncedFolder_) syncFolder();
  unsynced_ = unsyncedFolder_ = false;
}

/// Without it a new file may have no name after a crash.
void AppendFile::syncFolder() const {
  std::error_code problem;
  const auto file = std::filesystem::canonical(name_.file, problem);
  // A folder that may be written, but not read, cannot be opened, and some file systems know no syncing of folders.
  const Descriptor folder = problem ? Descriptor() : openFile(file.parent_path().string(), O_RDONLY | O_DIRECTORY);
  if (folder && fsync(folder.get()) != 0 && errno != EINVAL) failStorage(name_, "written", errno);
}

}  // namespace qbatch::stream
