#include "line_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace cli {
namespace {

constexpr std::size_t readSize = std::size_t{1} << 18;

bool isBlank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
}

}  // namespace

LineReader::LineReader(const std::string& path, std::function<bool()> stopped)
    : name_(path == "-" ? "standard input" : path), stopped_(std::move(stopped)) {
  if (path == "-") {
    file_ = STDIN_FILENO;
    return;
  }
  file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) throw InputError(name_ + ": cannot be opened: " + std::strerror(errno));
  struct stat status {};
  if (::fstat(file_, &status) == 0 && S_ISDIR(status.st_mode)) {
    ::close(file_);
    throw InputError(name_ + ": is a folder; name a file");
  }
}

LineReader::~LineReader() {
  if (file_ > STDIN_FILENO) ::close(file_);
}

bool LineReader::next() {
  while (nextLine()) {
    if (number_ == 1 && line_.starts_with("\xEF\xBB\xBF")) line_.erase(0, 3);
    if (line_.ends_with('\r')) line_.pop_back();
    if (!isBlank(line_)) return true;
  }
  return false;
}

bool LineReader::nextLine() {
  line_.clear();
  bool any = false, complete = false;
  while (used_ < buffer_.size() || fill()) {
    any = true;
    const auto end = buffer_.find('\n', used_);
    if (end != std::string::npos) {
      line_.append(buffer_, used_, end - used_);
      used_ = end + 1;
      complete = true;
      break;
    }
    line_.append(buffer_, used_);
    used_ = buffer_.size();
  }
  if (any && !complete && cutShort_) return false;  // the end of this line was not read, so it is no line
  if (any) ++number_;
  return any;
}

bool LineReader::fill() {
  if (ended_) return false;
  buffer_.resize(readSize);
  used_ = 0;
  ssize_t got = 0;
  // A signal that asks to stop ends the wait for input that may never come.
  do {
    cutShort_ = stopped_();
    got = cutShort_ ? 0 : ::read(file_, buffer_.data(), buffer_.size());
  } while (got < 0 && errno == EINTR);
  buffer_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  if (got < 0) throw InputError(name_ + ": cannot be read: " + std::strerror(errno));
  ended_ = got == 0;
  return !ended_;
}

}  // namespace cli
