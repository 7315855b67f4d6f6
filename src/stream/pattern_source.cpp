#include <utility>

#include "codec/item_lines.hpp"
#include "qbatch/error.hpp"
#include "qbatch/import.hpp"
#include "qbatch/lines.hpp"
#include "stream/letter_line.hpp"

namespace qbatch {
namespace {

class GeneratedPatterns final : public PatternSource {
 public:
  explicit GeneratedPatterns(std::function<std::optional<Pattern>()> generate) : generate_(std::move(generate)) {
    if (!generate_) throw ConfigError({"generate: is empty; give a function that returns patterns"});
  }

  bool next(ImportItem& item, std::stop_token) override {
    if (ended_) return false;
    auto pattern = generate_();
    ended_ = !pattern;
    if (pattern) item.pattern = std::move(*pattern);
    return !ended_;
  }

 private:
  std::function<std::optional<Pattern>()> generate_;
  bool ended_ = false;
};

/// The lines of a file, as `Read` makes patterns of them.
template <class Read>
class LinesOfPatterns final : public PatternSource {
 public:
  LinesOfPatterns(const std::string& path, Read read) : reader_(path), read_(std::move(read)) {}

  bool next(ImportItem& item, std::stop_token stop) override {
    if (!reader_.next(std::move(stop))) return false;
    item.line = reader_.number();
    try {
      item.pattern = read_(json_, reader_.text());
    } catch (const codec::LineError& error) {
      item.problem = error.what();
      item.text = reader_.text();
    }
    return true;
  }
  std::optional<double> share() const override { return reader_.share(); }

 private:
  LineReader reader_;
  Read read_;
  codec::JsonLines json_;
};

}  // namespace

PatternSource::~PatternSource() = default;

std::unique_ptr<PatternSource> makePatternSource(std::function<std::optional<Pattern>()> generate) {
  return std::make_unique<GeneratedPatterns>(std::move(generate));
}

std::unique_ptr<PatternSource> makeNdjsonSource(const std::string& path) {
  return std::make_unique<LinesOfPatterns<decltype(&codec::readPattern)>>(path, &codec::readPattern);
}

std::unique_ptr<PatternSource> makeDeadLetterSource(const std::string& path, std::string embedder) {
  auto read = [embedder = std::move(embedder)](codec::JsonLines& json, std::string& line) {
    return stream::readLetter(json, line, embedder);
  };
  return std::make_unique<LinesOfPatterns<decltype(read)>>(path, std::move(read));
}

}  // namespace qbatch
