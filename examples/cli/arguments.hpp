#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "qbatch/backend.hpp"
#include "qbatch/filter.hpp"
#include "qbatch/options.hpp"
#include "qbatch/point_id.hpp"

namespace cli {

/// What stands before the command, as written; environment and defaults come in later (settings.hpp).
struct GlobalArguments {
  std::optional<std::string> url{}, local{}, apiKey{}, caFile{}, collection{}, embedder{};
  bool allowKeyOverPlainHttp = false, allowOtherEmbedder = false;
  bool json = false, quiet = false;
  bool fileOnly = false;  ///< the command works on a file: a server's address in the environment is not meant for it
};

/// What `store` and `replay` have in common.
struct ImportArguments {
  std::string file{};
  std::size_t batch{};         ///< 0: the library's
  std::size_t requestBytes{};  ///< 0: the library's
  std::size_t concurrency{};   ///< 0: auto
  std::size_t memoryMiB{};     ///< 0: the library's
  std::chrono::milliseconds deadline{};
  qbatch::Existing existing = qbatch::Existing::keepMetrics;
};
struct StoreArguments : ImportArguments {
  std::optional<std::string> checkpoint{}, deadLetter{};
  bool oneByOne = false;
};
struct ReplayArguments : ImportArguments {};
struct VerifyArguments {
  std::string file{};
  std::size_t sample{};  ///< 0: all
  bool vectors = true;
  std::chrono::milliseconds deadline{};
};
struct SearchArguments {
  std::vector<std::string> queries{};
  std::optional<std::string> file{};  ///< instead of queries
  std::size_t limit = 10;
  qbatch::Filter filter = qbatch::Filter();
  std::optional<float> minScore{};
  bool oneByOne = false;
};
struct UpdateArguments {
  std::string file{};
  std::chrono::milliseconds deadline{};
};
/// One of the three.
struct DeleteArguments {
  std::vector<qbatch::PointId> ids{};
  std::optional<std::string> file{};
  std::optional<qbatch::Filter> filter{};
};
struct ListArguments {};
struct CreateArguments {
  std::string name{};
  std::size_t size{};
  qbatch::Distance distance = qbatch::Distance::cosine;
};
struct DropArguments {
  std::vector<std::string> names{};
};
struct AliasArguments {
  struct Pair {
    std::string alias{}, collection{};
  };
  std::vector<Pair> pairs{};
};
struct SweepMarksArguments {
  std::vector<std::string> names{};  ///< empty: the collection of the settings
  std::chrono::hours olderThan{24};
};
/// The file is the global arguments' `local`.
struct LocalServerArguments {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6333;            ///< 0: any free one
  std::optional<std::string> apiKey{};  ///< of the server that is started
  bool allowUnprotected = false;
};

using Command = std::variant<StoreArguments, ReplayArguments, VerifyArguments, SearchArguments, UpdateArguments, DeleteArguments,
                             ListArguments, CreateArguments, DropArguments, AliasArguments, SweepMarksArguments, LocalServerArguments>;

struct Arguments {
  GlobalArguments global{};
  Command command{};
};

/// --help or --version was asked for: what to print on stdout.
struct TextRequested {
  std::string text;
};

/// Reads the command line. What is wrong with it is appended to `problems`, one sentence each; the command is then not to be carried out.
/// Throws TextRequested.
[[nodiscard]] Arguments readArguments(int argc, const char* const* argv, std::vector<std::string>& problems);

}  // namespace cli
