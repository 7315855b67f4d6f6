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

/// Remembers the answer before it is given, where it stands.
Reply keeping(std::shared_ptr<qbatch::AnswerStore::Claim> claim, Reply reply) {
  return [claim = std::move(claim), reply = std::move(reply)](Answer answer) mutable {
    if (!answer.stands) {
      claim.reset();
      return reply(std::move(answer));
    }
    auto text = kept(answer.response);
    // That it could not be written is no reason to keep the answer back: in this process a repeat still gets it.
    claim->keep(std::move(text), [reply, answer = std::move(answer)](const std::string&) { reply(answer); });
  };
}

Answer withoutFirst(const Turn& turn) {
  switch (turn.kind) {
    case Turn::Kind::otherRequest:
      return {errorAnswer(422, "this Idempotency-Key was used for another request; a new request needs a key of its own")};
    case Turn::Kind::interrupted:
      return {errorAnswer(409,
                          "the request with this Idempotency-Key was begun by a process that ended before it could answer: what of it was "
                          "counted is not known. Read the points' metrics, and send what is missing with a new key")};
    default:
      return {errorAnswer(503, "requests with an Idempotency-Key cannot be remembered at present: " + turn.answer)};
  }
}

}  // namespace

void Keyed::ask(const std::string& key, const Route& route, Call call, std::function<void(Call)> carryOut) const {
  if (key.empty() || key.size() > 255) throw Refusal(400, "an Idempotency-Key must have from 1 to 255 bytes");
  const auto text = textOf(call.request);
  const auto held = std::make_shared<Call>(std::move(call));
  store_.ask(key, text, route.repeatable, [this, held, carryOut = std::move(carryOut)](Turn turn) {
    if (turn.kind == Turn::Kind::repeat) {
      figures_.repeated();
      return held->reply({fromKept(turn.answer)});
    }
    if (turn.kind != Turn::Kind::first) return held->reply(withoutFirst(turn));
    held->reply = keeping(std::move(turn.claim), std::move(held->reply));
    post_([held, carryOut] { carryOut(std::move(*held)); });
  });
}

}  // namespace service
