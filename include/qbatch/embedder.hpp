#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/export.hpp"

namespace qbatch {

/// What a text is to be used for; some models embed what is stored and what is asked differently.
enum class EmbedRole { passage, query };

/// Where an embedder writes: row-major, row i belongs to texts[i]. Every value must be written.
struct MatrixView {
  float* data{};
  std::size_t rows{}, columns{};
  [[nodiscard]] std::span<float> row(std::size_t index) const noexcept { return {data + index * columns, columns}; }
};

/// One text that could not be embedded; the others stand.
struct RowFailure {
  std::size_t row{};
  std::string reason{};
};

/// Turns texts into vectors. The first of the two seams: implement it for a model of your own.
///
/// embed() is called by several pool threads at once unless traits().concurrent is false. It must not call blocking verbs of the
/// client that it serves (that is refused), and should return soon after `stop` is requested.
class QBATCH_EXPORT Embedder {
 public:
  virtual ~Embedder() = default;

  struct Traits {
    std::size_t dimension{};    ///< floats a vector; 0: not known yet
    std::size_t maxBatch = 64;  ///< an upper bound of texts a call; slices are small enough that every thread works
    bool concurrent = true;     ///< false: one call at a time
    std::string identity{};     ///< names model and settings; written into collections that qbatch creates. Empty: not compared
  };
  [[nodiscard]] virtual Traits traits() const = 0;
  /// Called once, where traits() say dimension 0.
  virtual std::size_t resolveDimension(std::stop_token) { return traits().dimension; }
  /// Embeds texts[i] into row i. Rows named in the result failed; a throw fails all texts of this call. A row left unwritten or with a
  /// value that is not finite fails, too.
  virtual std::vector<RowFailure> embed(std::span<const std::string_view> texts, EmbedRole role, MatrixView rows, std::stop_token stop) = 0;
};

/// Feature hashing of words, word pairs and character n-grams, with identifiers split. No model, no network; the same vectors on
/// every platform and in every version that keeps its identity. What comes first in a text counts most, and nothing does behind its first
/// 16,384 words and runs of signs. A blank text fails; any other has a vector of length 1.
struct HashingEmbedderOptions {
  std::size_t dimension = 1024;  ///< 16 to 65536
};
/// Throws ConfigError.
[[nodiscard]] QBATCH_EXPORT std::shared_ptr<Embedder> makeHashingEmbedder(HashingEmbedderOptions = {});
/// An embedder from a function that embeds one text. The function is called by several threads at once; what it throws, and a vector of
/// another length, fails that text alone. It has no identity, so collections do not remember it. Throws ConfigError.
[[nodiscard]] QBATCH_EXPORT std::shared_ptr<Embedder> makeFunctionEmbedder(std::size_t dimension,
                                                                           std::function<std::vector<float>(std::string_view)> function);

}  // namespace qbatch
