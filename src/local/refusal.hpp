#pragma once
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "qbatch/backend.hpp"

namespace qbatch::local {

/// A request that is answered with something else than "carried out". Thrown before anything of the request was staged.
class Refusal : public std::exception {
 public:
  explicit Refusal(Verdict verdict) : verdict_(std::move(verdict)) {}
  [[nodiscard]] const Verdict& verdict() const noexcept { return verdict_; }
  [[nodiscard]] const char* what() const noexcept override { return verdict_.error.message().c_str(); }

 private:
  Verdict verdict_;
};

/// Nothing of this request can succeed.
[[nodiscard]] Refusal refuseAll(Error error);
/// Some item of this request is at fault. The words are a Qdrant server's own, which never name the item.
[[nodiscard]] Refusal refuseItem(std::string words);
/// There is no collection (or alias) of this name.
[[nodiscard]] Refusal noCollection(std::string_view name);

/// The answer that goes with a verdict and nothing else.
[[nodiscard]] Reply replyOf(Verdict verdict);

}  // namespace qbatch::local
