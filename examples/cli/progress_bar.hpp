#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "qbatch/options.hpp"

namespace cli {

/// One line on stderr that shows how far a call is, where stderr is a terminal; nothing elsewhere or with `quiet`. It is drawn with
/// carriage returns and spaces alone, so any terminal will do, and is gone at the end.
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
  class Line;
  std::shared_ptr<Line> line_;
};

/// The bar's text for a terminal of `columns`; `filled` and `empty` are one character each.
[[nodiscard]] std::string progressText(const std::string& verb, const qbatch::Progress& progress, std::size_t columns,
                                       const std::string& filled, const std::string& empty);

}  // namespace cli
