#include "progress_bar.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "messages.hpp"
#include "numbers.hpp"
#include "result_text.hpp"
#include "settings.hpp"
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

/// Between sentences. The variable is for tests, which cannot wait.
std::chrono::milliseconds sayEvery() {
  const auto given = readWholeNumber(environmentVariable("QBATCH_TEST_PROGRESS_MS").value_or(""));
  return given ? std::chrono::milliseconds(*given) : std::chrono::seconds(5);
}

std::optional<double> shareOf(const qbatch::Progress& progress) {
  if (progress.total == 0) return progress.share;
  return static_cast<double>(progress.done + progress.failed) / static_cast<double>(progress.total);
}

std::string percentOf(double share) { return std::to_string(static_cast<int>(std::floor(share * 100))) + "%"; }

std::string rateOf(const qbatch::Progress& progress) {
  return grouped(static_cast<std::size_t>(std::llround(progress.itemsPerSecond))) + "/s";
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
  const auto share = shareOf(progress);
  std::string after = "  " + grouped(settled);
  if (share) {
    const std::string percent = percentOf(*share);
    after = std::string(4 - std::min<std::size_t>(percent.size() - 1, 3), ' ') + percent + after;
  }
  if (progress.total > 0) after += " of " + grouped(progress.total);
  if (progress.itemsPerSecond >= 1) after += "  " + rateOf(progress);
  if (progress.remaining && share.value_or(0) < 1) after += "  " + clockText(*progress.remaining) + " left";
  if (progress.failed > 0) after += "  " + grouped(progress.failed) + " failed";
  const std::size_t used = verb.size() + after.size() + 3;
  const std::size_t cells = share && columns > used + 11 ? std::min<std::size_t>(columns - used - 1, 40) : 0;
  if (cells == 0) return cut(verb + after, columns > 1 ? columns - 1 : 1);
  const auto done = static_cast<std::size_t>(std::floor(*share * static_cast<double>(cells)));
  return verb + " [" + repeated(filled, std::min(done, cells)) + repeated(empty, cells - std::min(done, cells)) + "]" + after;
}

std::string progressSentence(const std::string& verb, const qbatch::Progress& progress) {
  const auto share = shareOf(progress);
  std::string text = verb + ": " + grouped(progress.done);
  if (progress.total > 0) text += " of " + grouped(progress.total);
  text += " done, " + grouped(progress.failed) + " failed";
  if (progress.itemsPerSecond >= 1) text += ", " + rateOf(progress);
  if (share) text += ", " + percentOf(*share);
  if (progress.remaining && share.value_or(0) < 1) text += ", about " + clockText(*progress.remaining) + " left";
  return text;
}

/// Shared with the callbacks, of which one may come late.
class ProgressBar::Display {
 public:
  virtual ~Display() = default;

  void show(const qbatch::Progress& progress) {
    const std::lock_guard lock(mutex_);
    if (!finished_) changed(progress);
  }
  void finish() {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(finished_, true)) ended();
  }
  /// Writes lines of somebody else.
  void say(std::string_view lines) {
    const std::lock_guard lock(mutex_);
    if (!finished_) erase();
    std::fwrite(lines.data(), 1, lines.size(), stderr);
  }

 private:
  virtual void changed(const qbatch::Progress& progress) = 0;
  virtual void ended() = 0;
  virtual void erase() {}

  std::mutex mutex_;
  bool finished_ = false;
};

/// The bar, on a terminal.
class ProgressBar::Line final : public Display {
 public:
  explicit Line(std::string verb) : verb_(std::move(verb)), utf8_(terminalShowsUtf8()) {}

 private:
  void changed(const qbatch::Progress& progress) override {
    latest_ = progress;
    const auto now = Clock::now();
    if (drawn_ && now - last_ < drawEvery) return;
    last_ = now;
    drawn_ = true;
    drawLatest();
  }

  void ended() override {
    if (!drawn_) return;
    // Also a quick call shows how it ended.
    if (latest_) drawLatest();
    erase();
  }

  void erase() override {
    if (shown_ == 0) return;
    draw("");
    std::fputc('\r', stderr);
    std::fflush(stderr);
  }

  void drawLatest() {
    draw(progressText(verb_, *std::exchange(latest_, std::nullopt), terminalColumns(), utf8_ ? "█" : "#", utf8_ ? "░" : "."));
  }

  /// Writes over what stood there, without escape sequences.
  void draw(const std::string& text) {
    const std::size_t columns = width(text);
    const std::string line = "\r" + text + std::string(shown_ > columns ? shown_ - columns : 0, ' ');
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
    shown_ = columns;
  }

  const std::string verb_;
  const bool utf8_;
  std::optional<qbatch::Progress> latest_;  // not drawn yet
  Clock::time_point last_{};
  std::size_t shown_ = 0;
  bool drawn_ = false;
};

/// Sentences, one every few seconds, where no terminal is.
class ProgressBar::Log final : public Display {
 public:
  explicit Log(std::string verb) : verb_(std::move(verb)), every_(sayEvery()) {}

 private:
  void changed(const qbatch::Progress& progress) override {
    const auto now = Clock::now();
    if (now - last_ < every_) return;
    last_ = now;
    complain(progressSentence(verb_, progress));
  }
  void ended() override {}

  const std::string verb_;
  const std::chrono::milliseconds every_;
  Clock::time_point last_ = Clock::now();
};

ProgressBar::ProgressBar(std::string verb, bool quiet) {
  if (quiet) return;
  if (::isatty(STDERR_FILENO) == 1) {
    display_ = std::make_shared<Line>(std::move(verb));
    complainThrough([display = display_](std::string_view lines) { display->say(lines); });
  } else {
    display_ = std::make_shared<Log>(std::move(verb));
  }
}

ProgressBar::~ProgressBar() {
  if (!display_) return;
  complainThrough({});
  display_->finish();
}

std::function<void(const qbatch::Progress&)> ProgressBar::callback() const {
  if (!display_) return {};
  return [display = display_](const qbatch::Progress& progress) { display->show(progress); };
}

void ProgressBar::show(const qbatch::Progress& progress) const {
  if (display_) display_->show(progress);
}

}  // namespace cli
