#include "progress_bar.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <utility>

#include "result_text.hpp"
#include "text_table.hpp"

namespace cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto drawEvery = std::chrono::milliseconds(100);

std::size_t terminalColumns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

bool terminalShowsUtf8() { return std::strcmp(::nl_langinfo(CODESET), "UTF-8") == 0; }

std::string clockText(std::chrono::seconds time) {
  const auto seconds = std::max<long long>(time.count(), 0);
  const std::string rest = std::to_string(seconds % 60);
  return std::to_string(seconds / 60) + ":" + (rest.size() < 2 ? "0" : "") + rest;
}

std::string repeated(const std::string& piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

}  // namespace

std::string progressText(const std::string& verb, const qbatch::Progress& progress, std::size_t columns, const std::string& filled,
                         const std::string& empty) {
  const std::size_t settled = progress.done + progress.failed;
  const double share = progress.total == 0 ? 1.0 : static_cast<double>(settled) / static_cast<double>(progress.total);
  const std::string percent = std::to_string(static_cast<int>(std::floor(share * 100)));
  std::string after = std::string(4 - std::min<std::size_t>(percent.size(), 3), ' ') + percent + "%  " + grouped(settled) + " of " +
                      grouped(progress.total);
  if (progress.itemsPerSecond >= 1) after += "  " + grouped(static_cast<std::size_t>(std::llround(progress.itemsPerSecond))) + "/s";
  if (progress.remaining && settled < progress.total) after += "  " + clockText(*progress.remaining) + " left";
  if (progress.failed > 0) after += "  " + grouped(progress.failed) + " failed";
  const std::size_t used = verb.size() + after.size() + 3;
  const std::size_t cells = columns > used + 11 ? std::min<std::size_t>(columns - used - 1, 40) : 0;
  if (cells == 0) return cut(verb + after, columns > 1 ? columns - 1 : 1);
  const auto done = static_cast<std::size_t>(std::floor(share * static_cast<double>(cells)));
  return verb + " [" + repeated(filled, std::min(done, cells)) + repeated(empty, cells - std::min(done, cells)) + "]" + after;
}

/// Shared with the callbacks, of which one may come late.
class ProgressBar::Line {
 public:
  explicit Line(std::string verb) : verb_(std::move(verb)), utf8_(terminalShowsUtf8()) {}

  void show(const qbatch::Progress& progress) {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    if (finished_ || (drawn_ && now - last_ < drawEvery)) return;
    last_ = now;
    drawn_ = true;
    draw(progressText(verb_, progress, terminalColumns(), utf8_ ? "█" : "#", utf8_ ? "░" : "."));
  }

  void finish() {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    if (!drawn_) return;
    draw("");
    std::fputc('\r', stderr);
  }

 private:
  /// Writes over what stood there, without escape sequences.
  void draw(const std::string& text) {
    const std::size_t columns = width(text);
    const std::string line = "\r" + text + std::string(shown_ > columns ? shown_ - columns : 0, ' ');
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
    shown_ = columns;
  }

  std::mutex mutex_;
  const std::string verb_;
  const bool utf8_;
  Clock::time_point last_{};
  std::size_t shown_ = 0;
  bool drawn_ = false, finished_ = false;
};

ProgressBar::ProgressBar(std::string verb, bool quiet) {
  if (!quiet && ::isatty(STDERR_FILENO) == 1) line_ = std::make_shared<Line>(std::move(verb));
}

ProgressBar::~ProgressBar() {
  if (line_) line_->finish();
}

std::function<void(const qbatch::Progress&)> ProgressBar::callback() const {
  if (!line_) return {};
  return [line = line_](const qbatch::Progress& progress) { line->show(progress); };
}

void ProgressBar::show(const qbatch::Progress& progress) const {
  if (line_) line_->show(progress);
}

}  // namespace cli
