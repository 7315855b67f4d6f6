// Two ways to bring an embedder of your own: a function of one text, and a class that embeds many texts a call.
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <memory>
#include <qbatch/qbatch.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t letters = 26;

// Stands for a real model: how often each letter occurs.
std::array<float, letters> countLetters(std::string_view text) {
  std::array<float, letters> counts{};
  for (const char c : text) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalpha(letter) != 0) counts[static_cast<std::size_t>(std::tolower(letter) - 'a')] += 1;
  }
  return counts;
}

class LetterEmbedder final : public qbatch::Embedder {
 public:
  // The identity is written into collections that this embedder fills, so that no other model searches them by mistake.
  [[nodiscard]] Traits traits() const override { return {.dimension = letters, .maxBatch = 16, .identity = "letters-1"}; }

  // Called by several threads at once, so it changes no members. A model that treats stored texts and questions differently looks at
  // `role`.
  std::vector<qbatch::RowFailure> embed(std::span<const std::string_view> texts, qbatch::EmbedRole /*role*/, qbatch::MatrixView rows,
                                        std::stop_token stop) override {
    std::vector<qbatch::RowFailure> failures;
    for (std::size_t i = 0; i < texts.size() && !stop.stop_requested(); ++i) {
      const auto counts = countLetters(texts[i]);
      float sum = 0;
      for (const float count : counts) sum += count;
      if (sum == 0) {
        // One text fails; the others of the call stand.
        failures.push_back({i, "the text has no letters"});
        continue;
      }
      const auto row = rows.row(i);
      for (std::size_t letter = 0; letter < letters; ++letter) row[letter] = counts[letter] / sum;
    }
    return failures;
  }
};

std::size_t storeWith(const std::shared_ptr<qbatch::Embedder>& embedder, const std::string& name) {
  qbatch::BatchClient client({.embedder = embedder, .backend = qbatch::makeLocalBackend(":memory:")});
  const std::vector<qbatch::Pattern> patterns = {
      {.description = "Sort a list", .code = "sorted(xs)", .language = "python"},
      {.description = "12345", .code = "67890", .language = ""},
      {.description = "Open a file", .code = "open(path)", .language = "python"},
  };
  const auto report = client.storePatterns(patterns);
  std::cout << name << ": " << report.count(qbatch::Outcome::done) << " of " << report.size() << " stored\n";
  for (const auto& failure : report.failures())
    std::cout << "  pattern " << failure.index << ' ' << toString(failure.outcome) << ": " << failure.error.message() << '\n';
  return report.count(qbatch::Outcome::done);
}

}  // namespace

int main() {
  // What the function throws fails its text alone.
  const auto function = qbatch::makeFunctionEmbedder(letters, [](std::string_view text) {
    const auto counts = countLetters(text);
    std::vector<float> vector(counts.begin(), counts.end());
    float sum = 0;
    for (const float count : vector) sum += count;
    if (sum == 0) throw std::runtime_error("the text has no letters");
    return vector;
  });
  const bool ofFunction = storeWith(function, "function embedder") == 2;
  const bool ofClass = storeWith(std::make_shared<LetterEmbedder>(), "class embedder") == 2;
  return ofFunction && ofClass ? 0 : 1;
}
