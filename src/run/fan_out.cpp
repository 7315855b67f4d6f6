#include "run/fan_out.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace qbatch::run {

namespace {

using Kind = Verdict::Kind;
using Lists = std::vector<std::vector<StoredPoint>>;

bool passed(const Verdict& verdict) { return verdict.kind == Kind::completed || verdict.kind == Kind::acknowledged; }

/// What decides what becomes of the whole: what nothing can help first, what passes by itself last.
int gravity(const Verdict& verdict) {
  switch (verdict.kind) {
    case Kind::fatal:
      return 5;
    case Kind::itemAtFault:
      return 4;
    case Kind::tooLarge:
      return 3;
    case Kind::throttled:
      return 2;
    case Kind::unavailable:
      return 1;
    case Kind::completed:
    case Kind::acknowledged:
      break;
  }
  return 0;
}

Error named(const std::string& collection, const Error& error) {
  if (!error) return error;
  return {static_cast<Errc>(error.code().value()), error.origin(), fmt::format("collection `{}`: {}", collection, error.message()),
          error.httpStatus(), error.serverMessage()};
}

/// A query that one collection makes an exception of is one of the whole: the first that says so is believed.
void mergeExceptions(const std::string& collection, std::vector<ItemVerdict>& from, std::vector<ItemVerdict>& to) {
  const auto known = to.size();
  for (auto& item : from) {
    const auto same = [&](const ItemVerdict& other) { return other.position == item.position; };
    if (std::any_of(to.begin(), to.begin() + static_cast<std::ptrdiff_t>(known), same)) continue;
    to.push_back({item.position, item.outcome, named(collection, item.error)});
  }
}

/// One request a collection, and what has been answered so far.
class FanOut : public std::enable_shared_from_this<FanOut> {
 public:
  FanOut(const QueryPoints& query, std::span<const std::string> collections, Completion completion)
      : lists_(query.vectors.size()), parts_(collections.size()), left_(collections.size()), completion_(std::move(completion)) {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      auto part = query;
      part.collection = collections[i];
      parts_[i].request = std::move(part);
    }
  }

  void start(Backend& backend, const CallLimits& limits) {
    for (auto& part : parts_) {
      const auto answer = [self = shared_from_this(), &part](Reply reply) { self->answered(part, std::move(reply)); };
      try {
        backend.run(part.request, limits, answer);
      } catch (const std::exception& error) {
        answer(fault(fmt::format("the backend threw: {}", error.what())));
      } catch (...) {
        answer(fault("the backend threw something that is no std::exception"));
      }
    }
  }

 private:
  struct Part {
    Request request;
    Reply reply;
    std::atomic_flag answered;
  };

  static Reply fault(std::string what) {
    Reply reply;
    reply.verdict.kind = Kind::fatal;
    reply.verdict.error = Error(Errc::internal, Origin::server, std::move(what));
    return reply;
  }

  void answered(Part& part, Reply reply) {
    if (part.answered.test_and_set()) return;
    part.reply = std::move(reply);
    if (left_.fetch_sub(1) == 1) std::exchange(completion_, nullptr)(whole());
  }

  [[nodiscard]] Reply whole() {
    Reply reply;
    reply.requests = 0;
    for (auto& part : parts_) {
      reply.requests += part.reply.requests;
      reply.bytesSent += part.reply.bytesSent;
      reply.bytesReceived += part.reply.bytesReceived;
      reply.lostRounds += part.reply.lostRounds;
    }
    const auto lighter = [](const Part& a, const Part& b) { return gravity(a.reply.verdict) < gravity(b.reply.verdict); };
    auto& gravest = *std::max_element(parts_.begin(), parts_.end(), lighter);
    if (passed(gravest.reply.verdict)) {
      concatenate(reply);
      return reply;
    }
    reply.verdict = gravest.reply.verdict;
    reply.verdict.error = named(nameOf(gravest), reply.verdict.error);
    for (const auto& part : parts_) addSigns(part.reply.verdict, reply.verdict);
    return reply;
  }

  static void addSigns(const Verdict& one, Verdict& whole) {
    whole.maybeApplied = whole.maybeApplied || one.maybeApplied;
    whole.neverSent = whole.neverSent && one.neverSent;
    whole.neverConnected = whole.neverConnected && one.neverConnected;
    if (one.retryAfter) whole.retryAfter = std::max(*one.retryAfter, whole.retryAfter.value_or(*one.retryAfter));
  }

  /// An answer that does not fit its request leaves the whole without one, which is then refused as one that does not fit.
  void concatenate(Reply& reply) {
    Lists all;
    for (auto& part : parts_) {
      auto* lists = std::get_if<Lists>(&part.reply.answer);
      if (!lists || lists->size() != lists_) return;
      std::move(lists->begin(), lists->end(), std::back_inserter(all));
      mergeExceptions(nameOf(part), part.reply.verdict.items, reply.verdict.items);
    }
    reply.answer = std::move(all);
  }

  static const std::string& nameOf(const Part& part) { return std::get<QueryPoints>(part.request).collection; }

  const std::size_t lists_;
  std::vector<Part> parts_;
  std::atomic<std::size_t> left_;
  Completion completion_;
};

}  // namespace

void fanOut(Backend& backend, const QueryPoints& query, std::span<const std::string> collections, const CallLimits& limits,
            Completion completion) {
  std::make_shared<FanOut>(query, collections, std::move(completion))->start(backend, limits);
}

}  // namespace qbatch::run
