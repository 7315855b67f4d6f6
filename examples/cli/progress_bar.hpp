#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "qbatch/options.hpp"

namespace cli {

/// Shows on stderr how far a call is, but not with `quiet`. On a terminal as one line, which is drawn with carriage returns and spaces
/// alone, so any terminal will do, and is gone at the end; elsewhere as a sentence every five seconds.
class ProgressBar {
 public:
  /// `verb` as in "storing".
  ProgressBar(std::string verb, bool quiet);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// For the options of a call; empty where nothing is to be shown. May be called after the bar is gone.
  [[nodiscard]] std::function<void(const qbatch::Progress&)> callback() const;
  void show(const qbatch::Progress& progress) const;

 private:
  class Display;
  class Line;
  class Log;
  std::shared_ptr<Display> display_;
};

/// The bar's text for a terminal of `columns`; `filled` and `empty` are one character each. Where it is not known how much there is, only
/// what is done.
[[nodiscard]] std::string progressText(const std::string& verb, const qbatch::Progress& progress, std::size_t columns,
                                       const std::string& filled, const std::string& empty);

/// "storing: 120,000 done, 3 failed, 8,123/s, 45%, about 0:20 left".
[[nodiscard]] std::string progressSentence(const std::string& verb, const qbatch::Progress& progress);

}  // namespace cli
