#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/batch_client.hpp"
#include "qbatch/embedder.hpp"
#include "support/child_process.hpp"

namespace qbatch::test {

/// The input of an import that is killed: patterns with and without a vector, lines that are none, and ids that come again with other
/// content. What item `index` is depends on its index alone.
struct KilledInput {
  static constexpr std::size_t dimension = 16;

  static bool isBad(std::size_t index) { return index % 97 == 5; }
  static bool isText(std::size_t index) { return !isBad(index) && index % 4 == 0; }
  static std::size_t idOf(std::size_t index) { return index % 23 == 3 && index > 40 ? index - 37 : index; }
  static std::string textOf(std::size_t index) { return "item " + std::to_string(index) + ' ' + std::string(1 + index * 13 % 200, 'x'); }
  static std::vector<float> vectorOf(std::size_t index) {
    std::vector<float> vector(dimension);
    for (std::size_t i = 0; i < dimension; ++i) vector[i] = static_cast<float>(1 + (index * 31 + i * 7) % 1000) / 8;
    return vector;
  }
  static std::string lineOf(std::size_t index) {
    if (isBad(index)) return "{\"description\":\"" + textOf(index);
    std::string line = "{\"id\":" + std::to_string(idOf(index)) + R"(,"description":")" + textOf(index) + R"(","metadata":{"number":)" +
                       std::to_string(index) + "}";
    if (!isText(index)) {
      line += ",\"vector\":[";
      for (const float value : vectorOf(index)) line += std::to_string(value) + ",";
      line.back() = ']';
    }
    return line + "}";
  }
  static void write(const std::string& file, std::size_t items) {
    std::ofstream out(file);
    for (std::size_t index = 0; index < items; ++index) out << lineOf(index) << '\n';
  }
  /// The indices of all items whose texts stand in `text`.
  static std::vector<std::size_t> indicesIn(std::string_view text) {
    constexpr std::string_view begin = "item ";
    std::vector<std::size_t> indices;
    for (auto at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at + 1))
      indices.push_back(std::strtoull(text.data() + at + begin.size(), nullptr, 10));
    return indices;
  }
};

/// Writes down each text that it is asked for before it embeds any: what is paid for is paid for, also where the process is killed then.
class PaidEmbedder : public Embedder {
 public:
  static constexpr std::size_t textsOfCall = 16;

  explicit PaidEmbedder(const std::string& log) : log_(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (log_ < 0) throw std::runtime_error("no file can be had: " + log);
  }
  ~PaidEmbedder() override { ::close(log_); }
  PaidEmbedder(const PaidEmbedder&) = delete;
  PaidEmbedder& operator=(const PaidEmbedder&) = delete;

  Traits traits() const override { return {.dimension = KilledInput::dimension, .maxBatch = textsOfCall, .identity = "paid"}; }
  std::vector<RowFailure> embed(std::span<const std::string_view> texts, EmbedRole, MatrixView rows, std::stop_token) override {
    std::string lines;
    for (const auto text : texts) lines += "item " + std::to_string(KilledInput::indicesIn(text).at(0)) + '\n';
    if (::write(log_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size()))
      throw std::runtime_error("the log cannot be written");
    for (std::size_t row = 0; row < texts.size(); ++row) {
      const auto vector = KilledInput::vectorOf(KilledInput::indicesIn(texts[row]).at(0));
      std::copy(vector.begin(), vector.end(), rows.row(row).begin());
    }
    return {};
  }

 private:
  int log_;
};

/// One run of the import, in whichever process.
struct KilledRun {
  std::string url{}, folder{}, collection = "killed";
  std::size_t maxItems = 100, inFlight = 4, threads = 2;

  [[nodiscard]] std::vector<std::string> environment() const {
    return {"QBATCH_CHILD_URL=" + url, "QBATCH_CHILD_FOLDER=" + folder, "QBATCH_CHILD_ITEMS=" + std::to_string(maxItems),
            "QBATCH_CHILD_IN_FLIGHT=" + std::to_string(inFlight), "QBATCH_CHILD_THREADS=" + std::to_string(threads)};
  }
  static KilledRun fromEnvironment() {
    const auto text = [](const char* name) {
      const char* value = std::getenv(name);
      if (value == nullptr) throw std::runtime_error(std::string(name) + " is missing");
      return std::string(value);
    };
    KilledRun run;
    run.url = text("QBATCH_CHILD_URL");
    run.folder = text("QBATCH_CHILD_FOLDER");
    run.maxItems = std::stoull(text("QBATCH_CHILD_ITEMS"));
    run.inFlight = std::stoull(text("QBATCH_CHILD_IN_FLIGHT"));
    run.threads = std::stoull(text("QBATCH_CHILD_THREADS"));
    return run;
  }

  [[nodiscard]] std::string input() const { return folder + "/input.ndjson"; }
  [[nodiscard]] std::string paid() const { return folder + "/" + collection + "-paid"; }
  [[nodiscard]] std::string checkpoint() const { return folder + "/" + collection + "-checkpoint"; }
  [[nodiscard]] std::string letters() const { return folder + "/" + collection + "-letters"; }

  [[nodiscard]] ImportReport carryOut(std::function<void(const ImportedBatch&)> settled) const {
    ClientOptions options;
    options.url = url;
    options.collection = collection;
    options.embedder = std::make_shared<PaidEmbedder>(paid());
    options.flow.maxInFlight = inFlight;
    options.threads = threads;
    ImportOptions import;
    import.chunk.maxItems = maxItems;
    import.checkpoint = checkpoint();
    import.deadLetters = letters();
    import.settled = std::move(settled);
    const auto source = makeNdjsonSource(input());
    return BatchClient(options).importPatterns(*source, import);
  }
};

}  // namespace qbatch::test
