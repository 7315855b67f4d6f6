#pragma once
#include <functional>

#include "answers.hpp"
#include "figures.hpp"
#include "handlers.hpp"
#include "qbatch/answer_store.hpp"
#include "router.hpp"

namespace service {

/// Idempotency-Key: the first request with a key is carried out, a repeat gets its answer (with the header Idempotent-Replayed).
class Keyed {
 public:
  using Post = std::function<void(std::function<void()>)>;

  /// `post` runs a task on a thread that may compute.
  Keyed(qbatch::AnswerStore& store, Figures& figures, Post post) : store_(store), figures_(figures), post_(std::move(post)) {}

  /// Calls `carryOut` with the call where it is the first with its key, soon and on another thread. Throws Refusal (400) for a key that
  /// cannot be one.
  void ask(const std::string& key, const Route& route, Call call, std::function<void(Call)> carryOut) const;

 private:
  qbatch::AnswerStore& store_;
  Figures& figures_;
  const Post post_;
};

}  // namespace service
