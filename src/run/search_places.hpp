#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qbatch/backend.hpp"
#include "run/collection_checks.hpp"

namespace qbatch::run {

/// The collections that a search is to go to: each is looked at in turn, and those that cannot be searched are left out, with the reason.
class SearchPlaces {
 public:
  /// Each name stands once.
  explicit SearchPlaces(std::vector<std::string> names);

  /// The collection to be described next; nullptr where all have been.
  [[nodiscard]] const std::string* next() const noexcept;
  /// How that one is, and what speaks against it: the first sentence counts.
  void describe(std::optional<CollectionInfo> info, std::optional<Error> problem);
  /// The same, where only queries that are to be embedded cannot be put to it.
  void misfit(CollectionInfo info, std::vector<std::string> problems);
  /// When all are described. Where the embedder alone stands in the way and some queries bring vectors, these are searched for
  /// nevertheless. Throws ConfigError where no query does; returns why nothing can be searched at all.
  [[nodiscard]] std::optional<Error> choose(EmbeddingNeed& need, bool someVectors);

  /// The names of those that are searched, after choose().
  [[nodiscard]] const std::vector<std::string>& searched() const noexcept { return searched_; }
  /// The smallest number of queries that one of them takes; 0: any number.
  [[nodiscard]] std::size_t mostQueries() const;
  /// What is wrong with a query's own vector in one of them. A local check.
  [[nodiscard]] std::optional<Error> vectorProblem(const ClientCore& core, std::span<const float> vector) const;
  /// Why some were left out; no error where all are searched.
  [[nodiscard]] const Error& leftOut() const noexcept { return leftOut_; }

 private:
  struct Place {
    std::string name{};
    CollectionInfo info{};
    std::optional<Error> problem{};
    std::vector<std::string> misfits{};
    [[nodiscard]] bool good() const noexcept { return !problem && misfits.empty(); }
  };

  void noteLeftOut();

  std::vector<Place> places_;
  std::size_t described_ = 0;
  std::vector<std::string> searched_;
  Error leftOut_;
};

}  // namespace qbatch::run
