#pragma once
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "qbatch/answer_store.hpp"

namespace qbatch::test {

using Turn = AnswerStore::Turn;

/// What ask() tells, to be waited for.
inline std::future<Turn> asking(AnswerStore& store, std::string_view key, std::string_view request, bool repeatable = false) {
  auto promise = std::make_shared<std::promise<Turn>>();
  store.ask(key, request, repeatable, [promise](Turn turn) { promise->set_value(std::move(turn)); });
  return promise->get_future();
}
inline Turn asked(AnswerStore& store, std::string_view key, std::string_view request, bool repeatable = false) {
  return asking(store, key, request, repeatable).get();
}

/// What keep() says in the end.
inline std::string kept(AnswerStore::Claim& claim, std::string answer) {
  auto promise = std::make_shared<std::promise<std::string>>();
  auto said = promise->get_future();
  claim.keep(std::move(answer), [promise](std::string problem) { promise->set_value(std::move(problem)); });
  return said.get();
}

inline bool isRepeat(const Turn& turn, std::string_view answer) { return turn.kind == Turn::Kind::repeat && turn.answer == answer; }

}  // namespace qbatch::test
