#include "rest/operation.hpp"

#include <exception>
#include <utility>

#include "codec/json_object.hpp"
#include "http/url.hpp"

namespace qbatch::rest {

namespace {

Verdict internalFault(std::string_view what, bool wrote) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::fatal;
  verdict.maybeApplied = wrote;
  verdict.error = Error(Errc::internal, Origin::caller, "a fault inside qbatch: " + std::string(what));
  return verdict;
}

// A gateway may let through nothing but collections; that is no reason to fail.
bool versionIsHidden(const Verdict& verdict) {
  const bool refused = verdict.kind == Verdict::Kind::fatal || verdict.kind == Verdict::Kind::itemAtFault;
  return refused && verdict.error.httpStatus() != 0;
}

bool isHalf(std::string_view body) {
  const auto first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return true;
  if (body[first] != '{') return false;
  try {
    static_cast<void>(codec::JsonObject::parse(body));
    return false;
  } catch (const ParseError&) {
    return true;
  }
}

}  // namespace

Operation::Operation(std::shared_ptr<Stage> stage, CallLimits limits, Completion completion)
    : stage_(std::move(stage)), limits_(std::move(limits)), completion_(std::move(completion)) {
  reply_.requests = 0;
}

void Operation::begin() {
  guarded([this] { start(); });
}

void Operation::guarded(const std::function<void()>& step) noexcept {
  try {
    step();
  } catch (const std::exception& error) {
    finish(internalFault(error.what(), wrote_));
  } catch (...) {
    finish(internalFault("something that is no std::exception was thrown", wrote_));
  }
}

void Operation::ask(Call call, Next next) {
  const bool writes = call.writes;
  stage_->channel->send(std::move(call), limits_, [self = shared_from_this(), writes, next = std::move(next)](Answered answered) {
    const auto kind = answered.verdict.kind;
    self->wrote_ = self->wrote_ || (writes && (answered.verdict.maybeApplied || kind == Verdict::Kind::completed));
    if (!answered.verdict.neverSent) ++self->reply_.requests;
    self->reply_.bytesSent += answered.bytesSent;
    self->reply_.bytesReceived += answered.bytesReceived;
    self->guarded([&] {
      try {
        next(answered);
      } catch (const codec::DecodeError& problem) {
        auto verdict = answered.unreadable;
        const auto& error = verdict.error;
        verdict.error = Error(static_cast<Errc>(error.code().value()), error.origin(), error.message() + " (" + problem.what() + ")",
                              error.httpStatus(), error.serverMessage());
        self->finish(std::move(verdict));
      }
    });
  });
}

void Operation::askFor(Call call, Next next) {
  ask(std::move(call), [this, next = std::move(next)](Answered& answered) {
    if (answered.verdict.kind == Verdict::Kind::completed) return next(answered);
    finish(std::move(answered.verdict));
  });
}

void Operation::withVersion(std::function<void(const codec::ServerVersion&)> next) {
  if (const auto known = stage_->facts.version()) return next(*known);
  Call call;
  call.path = "/";
  ask(std::move(call), [this, next = std::move(next)](Answered& answered) {
    codec::ServerVersion version;
    if (answered.verdict.kind == Verdict::Kind::completed) {
      try {
        version = codec::decodeVersion(answered.body);
      } catch (const codec::DecodeError&) {
        // Not Qdrant's own answer: a gateway's, perhaps. Half an answer says nothing.
        if (isHalf(answered.body)) throw;
      }
    } else if (!versionIsHidden(answered.verdict)) {
      return finish(std::move(answered.verdict));
    }
    stage_->facts.learnVersion(version);
    next(version);
  });
}

void Operation::finish(Verdict verdict, Answer answer) {
  if (!completion_) return;
  // An earlier call of this operation may have been applied, whatever the last one met.
  const auto kind = verdict.kind;
  const bool passed = kind == Verdict::Kind::completed || kind == Verdict::Kind::acknowledged;
  if (!passed) verdict.maybeApplied = verdict.maybeApplied || (wrote_ && !trusted_);
  if (kind == Verdict::Kind::completed && !verdict.conditional && verdict.items.empty()) reply_.before.reset();
  if (wrote_) verdict.neverSent = verdict.neverConnected = false;
  verdict.honoursBefore = true;
  reply_.verdict = std::move(verdict);
  reply_.answer = std::move(answer);
  const auto completion = std::exchange(completion_, nullptr);
  completion(std::move(reply_));
}

std::string collectionPath(std::string_view collection, std::string_view rest) {
  std::string path = "/collections/";
  path += http::pathSegment(collection);
  path += rest;
  return path;
}

Call batchCall(Channel& channel, std::string_view collection, std::span<const codec::BatchOperation> operations) {
  const auto text = channel.buffer();
  codec::appendBatch(*text, operations, channel.options().shardKey);
  Call call;
  call.method = "POST";
  call.path = collectionPath(collection, "/points/batch");
  call.body = text;
  call.writes = true;
  return call;
}

Verdict writeVerdict(codec::WriteStatus status) {
  Verdict verdict;
  verdict.kind = status == codec::WriteStatus::completed ? Verdict::Kind::completed : Verdict::Kind::acknowledged;
  return verdict;
}

}  // namespace qbatch::rest
