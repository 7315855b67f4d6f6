#pragma once
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "qbatch/import.hpp"

namespace cli {

/// An input of patterns, of which every line that is none is named on stderr when it is read, and which knows how far it was read.
class ToldSource : public qbatch::PatternSource {
 public:
  /// `path` as makeNdjsonSource takes it.
  ToldSource(std::unique_ptr<qbatch::PatternSource> source, const std::string& path);

  bool next(qbatch::ImportItem& item, std::stop_token stop) override;
  [[nodiscard]] std::optional<double> share() const override { return source_->share(); }

  /// What messages call the input.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Items that were read, and the line of the last of them. From any thread.
  [[nodiscard]] std::size_t items() const noexcept { return items_; }
  [[nodiscard]] std::size_t line() const noexcept { return line_; }
  /// True where nothing is left to read. From any thread.
  [[nodiscard]] bool atEnd() const noexcept { return atEnd_; }

 private:
  std::unique_ptr<qbatch::PatternSource> source_;
  std::string name_;
  std::atomic<std::size_t> items_ = 0, line_ = 0;
  std::atomic<bool> atEnd_ = false;
};

/// Says on stderr that the input was not read to its end, and why, where that is so.
void complainOfRest(const ToldSource& source, const qbatch::Error& stopped);

}  // namespace cli
