#include "keyed.hpp"

#include <memory>
#include <string_view>
#include <utility>

namespace service {
namespace {

using Turn = qbatch::AnswerStore::Turn;

// An answer as the store keeps it: status, content type and body, with an end of line between them.
std::string kept(const qbatch::HttpResponse& response) {
  return std::to_string(response.status) + "\n" + response.contentType + "\n" + response.body;
}

qbatch::HttpResponse fromKept(std::string_view text) {
  const auto status = text.find('\n'), type = text.find('\n', status + 1);
  qbatch::HttpResponse response{.status = std::stoi(std::string(text.substr(0, status)))};
  response.contentType = text.substr(status + 1, type - status - 1);
  response.body = text.substr(type + 1);
  response.headers.emplace_back("idempotent-replayed", "true");
  return response;
}

/// Two requests are the same where method, address and body are.
std::string textOf(const qbatch::HttpRequest& request) {
  return request.method + " " + request.path + "?" + request.query + "\n" + request.body;
}

/// The answer that is owed to a key. Where a second time would do harm, none is forgotten: a reply that is dropped without an answer, for
/// want of memory, is remembered as one whose outcome is not known.
class Owed {
 public:
  Owed(std::shared_ptr<qbatch::AnswerStore::Claim> claim, bool repeatable, Figures& figures)
      : claim_(std::move(claim)), repeatable_(repeatable), figures_(figures) {}
  Owed(const Owed&) = delete;
  Owed& operator=(const Owed&) = delete;
  ~Owed() {
    if (!claim_ || repeatable_) return;
    try {
      keep(lostAnswer(), [](const Answer&) {});
    } catch (...) {
      // Then a repeat is the first again, or interrupted after a restart.
    }
  }

  /// Remembers the answer before it is given, where it stands.
  void pay(Answer answer, const Reply& reply) {
    const bool stands = answer.stands == Stands::yes || (answer.stands == Stands::whereItCounts && !repeatable_);
    if (stands) return keep(std::move(answer), reply);
    claim_.reset();
    reply(std::move(answer));
  }

 private:
  // That an answer could not be written is no reason to keep it back: in this process a repeat still gets it.
  void keep(Answer answer, Reply reply) {
    auto text = kept(answer.response);
    const auto held = std::make_shared<Answer>(std::move(answer));
    claim_->keep(std::move(text), [&figures = figures_, reply = std::move(reply), held](const std::string& problem) {
      if (!problem.empty()) figures.notWritten(problem);
      give(reply, std::move(*held));
    });
    claim_.reset();
  }

  std::shared_ptr<qbatch::AnswerStore::Claim> claim_;
  const bool repeatable_;
  Figures& figures_;
};

Answer withoutFirst(const Turn& turn) {
  switch (turn.kind) {
    case Turn::Kind::otherRequest:
      return {errorAnswer(422, "this Idempotency-Key was used for another request; a new request needs a key of its own")};
    case Turn::Kind::interrupted:
      return {errorAnswer(409,
                          "the request with this Idempotency-Key was begun by a process that ended before it could answer: what of it was "
                          "done is not known. Read what is stored, and send what is missing with a new key")};
    default:
      return {errorAnswer(503, "requests with an Idempotency-Key cannot be remembered at present: " + turn.answer)};
  }
}

}  // namespace

void Keyed::ask(const std::string& key, const Route& route, Call call, std::function<void(Call)> carryOut) const {
  if (key.empty() || key.size() > 255) throw Refusal(400, "an Idempotency-Key must have from 1 to 255 bytes");
  const auto text = textOf(call.request);
  const auto held = std::make_shared<Call>(std::move(call));
  const bool repeatable = route.repeatable;
  store_.ask(key, text, repeatable, [this, held, repeatable, carryOut = std::move(carryOut)](Turn turn) {
    if (turn.kind == Turn::Kind::repeat) {
      figures_.repeated();
      return give(held->reply, {fromKept(turn.answer)});
    }
    if (turn.kind != Turn::Kind::first) return give(held->reply, withoutFirst(turn));
    const auto owed = std::make_shared<Owed>(std::move(turn.claim), repeatable, figures_);
    held->reply = [owed, reply = std::move(held->reply)](Answer answer) { owed->pay(std::move(answer), reply); };
    post_([held, carryOut] { carryOut(std::move(*held)); });
  });
}

}  // namespace service
