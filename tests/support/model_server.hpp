#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "batch/batch_machine.hpp"
#include "support/campaign.hpp"

namespace qbatch::test {
using namespace std::chrono_literals;

/// What a schedule's server does, in percent of requests where nothing else is said.
struct ServerTraits {
  std::size_t items{};
  unsigned badItems{}, hugeItems{}, absentItems{};  // percent of items: refused; too large alone; answered as rejected one by one
  std::size_t sizeLimit{};                          // items a request; 0: none
  unsigned words = 1;                               // different sentences in refusals
  unsigned halfApplied = 50;                        // of refusals: a part was applied
  unsigned acknowledged{}, neverApplied{}, applyTwice{}, throttled{}, fault{}, lostAnswer{}, fatal{}, brokenAnswer{}, otherClient{};
  milliseconds awayFrom{}, awayFor{};  // since the start
  milliseconds latency = 20ms, retryAfter = 500ms;

  [[nodiscard]] static ServerTraits random(Random& random, std::size_t items);
};

/// A request as the model server sees it: items, and for each, where the client knows it, what stood there before.
struct ModelRequest {
  std::vector<std::size_t> items;
  std::vector<std::optional<unsigned>> before;  // empty: written whatever stands there
};

/// A server without a network: applies, refuses, loses and delays as Qdrant was seen to do, has another client that writes the same items,
/// and knows the truth of every item.
class ModelServer {
 public:
  static constexpr unsigned nothing = 0, ours = 1;  // what stands in an item's place; others write 2, 3, …

  ModelServer(const ServerTraits& traits, Random& random);

  /// Carries out one request now; what it answers arrives `latency` later.
  [[nodiscard]] Verdict handle(const ModelRequest& request, batch::TimePoint now);
  /// Answers a read-back: completed, and then content() is what it saw, or a fault.
  [[nodiscard]] Verdict read(batch::TimePoint now);
  /// Lets all that was queued happen.
  void applyQueued();

  [[nodiscard]] bool applied(std::size_t item) const { return applied_[item] > 0; }
  [[nodiscard]] unsigned timesApplied(std::size_t item) const { return applied_[item]; }
  [[nodiscard]] unsigned content(std::size_t item) const { return content_[item]; }
  /// True where the other client has written the item.
  [[nodiscard]] bool writtenByOther(std::size_t item) const { return others_[item]; }
  /// True where the item alone is refused.
  [[nodiscard]] bool refuses(std::size_t item) const { return kind_[item] != Kind::good; }
  [[nodiscard]] std::size_t badItems() const { return bad_; }
  [[nodiscard]] std::size_t hugeItems() const { return huge_; }
  [[nodiscard]] const ServerTraits& traits() const { return traits_; }

 private:
  enum class Kind { good, bad, huge, absent };

  [[nodiscard]] Verdict answerTo(const ModelRequest& request, batch::TimePoint now);
  [[nodiscard]] bool has(const ModelRequest& request, Kind kind) const;
  [[nodiscard]] bool tooLarge(const ModelRequest& request) const;
  [[nodiscard]] std::optional<Verdict> trouble(batch::TimePoint now);
  [[nodiscard]] Verdict refuse(const ModelRequest& request);
  [[nodiscard]] Verdict loseAnswer(const ModelRequest& request);
  [[nodiscard]] Verdict carryOut(const ModelRequest& request);
  [[nodiscard]] Verdict throttle();
  void apply(const ModelRequest& request, std::size_t upTo);
  void otherWrites();

  ServerTraits traits_;
  Random& random_;
  std::vector<Kind> kind_;
  std::vector<unsigned> applied_, content_;
  std::vector<bool> others_;
  std::vector<ModelRequest> queued_;
  std::size_t bad_ = 0, huge_ = 0;
  const bool saysItHonours_;
  unsigned nextContent_ = ours + 1;
  batch::TimePoint start_ = batch::TimePoint::min();
};

inline ServerTraits ServerTraits::random(Random& random, std::size_t items) {
  const auto sometimes = [&](unsigned often, unsigned most) {
    return random.chance(often) ? static_cast<unsigned>(random.between(1, most)) : 0u;
  };
  ServerTraits traits;
  traits.items = items;
  traits.badItems = random.chance(8) ? 100 : sometimes(40, 10);
  traits.hugeItems = sometimes(10, 4);
  traits.absentItems = sometimes(20, 20);
  traits.sizeLimit = random.chance(25) ? random.between(1, 40) : 0;
  traits.words = static_cast<unsigned>(random.between(1, 3));
  traits.acknowledged = random.chance(15) ? 100 : sometimes(15, 50);
  traits.neverApplied = sometimes(30, 30);
  traits.otherClient = sometimes(50, 60);
  traits.applyTwice = sometimes(20, 20);
  traits.throttled = sometimes(30, 30);
  traits.fault = sometimes(40, 40);
  traits.lostAnswer = sometimes(40, 40);
  traits.fatal = sometimes(8, 10);
  traits.brokenAnswer = sometimes(5, 10);
  if (random.chance(30)) {
    traits.awayFrom = milliseconds(random.below(3000));
    traits.awayFor = milliseconds(random.between(1, random.chance(50) ? 4000 : 60000));
  }
  traits.latency = milliseconds(random.between(1, 200));
  traits.retryAfter = milliseconds(random.between(0, 3000));
  return traits;
}

inline ModelServer::ModelServer(const ServerTraits& traits, Random& random)
    : traits_(traits),
      random_(random),
      applied_(traits.items),
      content_(traits.items, nothing),
      others_(traits.items),
      saysItHonours_(random.chance(70)) {
  for (std::size_t item = 0; item < traits.items; ++item) {
    const auto kind = random_.chance(traits_.badItems)      ? Kind::bad
                      : random_.chance(traits_.hugeItems)   ? Kind::huge
                      : random_.chance(traits_.absentItems) ? Kind::absent
                                                            : Kind::good;
    bad_ += kind == Kind::bad;
    huge_ += kind == Kind::huge;
    kind_.push_back(kind);
    if (random_.chance(30)) content_[item] = nextContent_++;
  }
}

/// What may happen to any request before it is looked at.
inline std::optional<Verdict> ModelServer::trouble(batch::TimePoint now) {
  otherWrites();
  if (start_ == batch::TimePoint::min()) start_ = now;
  Verdict verdict;
  verdict.kind = Verdict::Kind::unavailable;
  if (now >= start_ + traits_.awayFrom && now < start_ + traits_.awayFrom + traits_.awayFor) {
    verdict.neverConnected = random_.chance(80);
    verdict.error = Error(Errc::unavailable, Origin::transport, "connection refused");
    return verdict;
  }
  if (random_.chance(traits_.throttled)) return throttle();
  if (!random_.chance(traits_.fault)) return std::nullopt;
  verdict.error = Error(Errc::unavailable, Origin::server, "busy", random_.chance(50) ? 503 : 0);
  verdict.bodyBroken = random_.chance(10);
  return verdict;
}

inline Verdict ModelServer::read(batch::TimePoint now) {
  if (auto verdict = trouble(now)) return *verdict;
  return {};
}

inline Verdict ModelServer::handle(const ModelRequest& request, batch::TimePoint now) {
  auto verdict = answerTo(request, now);
  verdict.honoursBefore = saysItHonours_;
  return verdict;
}

inline Verdict ModelServer::answerTo(const ModelRequest& request, batch::TimePoint now) {
  if (random_.chance(traits_.fatal)) {
    Verdict verdict;
    verdict.kind = Verdict::Kind::fatal;
    verdict.error = Error(Errc::unauthorized, Origin::server, "the key is wrong", 401);
    verdict.maybeApplied = random_.chance(30);
    if (verdict.maybeApplied && random_.chance(50)) apply(request, request.items.size());
    return verdict;
  }
  if (auto verdict = trouble(now)) return *verdict;
  if (tooLarge(request)) {
    Verdict verdict;
    verdict.kind = Verdict::Kind::tooLarge;
    verdict.error = Error(Errc::tooLarge, Origin::server, "too large", 413);
    return verdict;
  }
  if (random_.chance(traits_.lostAnswer)) return loseAnswer(request);
  return has(request, Kind::bad) ? refuse(request) : carryOut(request);
}

inline void ModelServer::applyQueued() {
  for (const auto& request : std::exchange(queued_, {})) apply(request, request.items.size());
}

/// The other client writes an item here and there, between any two requests.
inline void ModelServer::otherWrites() {
  while (!content_.empty() && random_.chance(traits_.otherClient)) {
    const auto item = random_.below(content_.size());
    content_[item] = random_.chance(20) ? nothing : nextContent_++;
    others_[item] = true;
  }
}

inline bool ModelServer::has(const ModelRequest& request, Kind kind) const {
  return std::any_of(request.items.begin(), request.items.end(), [&](std::size_t item) { return kind_[item] == kind; });
}

inline bool ModelServer::tooLarge(const ModelRequest& request) const {
  return (traits_.sizeLimit > 0 && request.items.size() > traits_.sizeLimit) || has(request, Kind::huge);
}

inline Verdict ModelServer::throttle() {
  Verdict verdict;
  verdict.kind = Verdict::Kind::throttled;
  verdict.error = Error(Errc::throttled, Origin::server, "slow down", 429);
  if (random_.chance(70)) verdict.retryAfter = traits_.retryAfter;
  return verdict;
}

/// Refused because of a bad item; the items before it may have been applied.
inline Verdict ModelServer::refuse(const ModelRequest& request) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::itemAtFault;
  verdict.error = Error(Errc::refused, Origin::server, "refused", 400, "wrong input " + std::to_string(random_.below(traits_.words)));
  if (random_.chance(traits_.halfApplied)) {
    std::size_t bad = 0;
    while (kind_[request.items[bad]] != Kind::bad) ++bad;
    apply(request, bad);
    verdict.maybeApplied = bad > 0 || random_.chance(10);
  }
  return verdict;
}

/// No answer: applied or not, in part, or only later.
inline Verdict ModelServer::loseAnswer(const ModelRequest& request) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::unavailable;
  verdict.error = Error(Errc::unavailable, Origin::transport, "no answer in time");
  verdict.maybeApplied = true;
  if (has(request, Kind::bad)) return verdict;
  switch (random_.below(4)) {
    case 0:
      break;
    case 1:
      apply(request, request.items.size());
      break;
    case 2:
      apply(request, request.items.size() / 2);
      break;
    default:
      queued_.push_back(request);
  }
  return verdict;
}

inline Verdict ModelServer::carryOut(const ModelRequest& request) {
  Verdict verdict;
  if (random_.chance(10)) applyQueued();
  // Written only where nothing has changed; where nothing stood before, that is not worth a word.
  verdict.conditional = std::any_of(request.before.begin(), request.before.end(), [](const auto& before) { return *before != nothing; });
  if (random_.chance(traits_.acknowledged)) {
    verdict.kind = Verdict::Kind::acknowledged;
    if (random_.chance(traits_.neverApplied)) return verdict;
    if (random_.chance(50)) {
      queued_.push_back(request);
      return verdict;
    }
  }
  apply(request, request.items.size());
  if (random_.chance(traits_.applyTwice)) apply(request, request.items.size());
  for (std::size_t i = 0; i < request.items.size(); ++i)
    if (kind_[request.items[i]] == Kind::absent)
      verdict.items.push_back({i, Outcome::rejected, Error(Errc::pointNotFound, Origin::server, "no such point")});
  if (random_.chance(traits_.brokenAnswer)) verdict.items.push_back({request.items.size(), Outcome::rejected, {}});
  return verdict;
}

inline void ModelServer::apply(const ModelRequest& request, std::size_t upTo) {
  for (std::size_t i = 0; i < upTo; ++i) {
    const auto item = request.items[i];
    if (kind_[item] != Kind::good || (!request.before.empty() && *request.before[i] != content_[item])) continue;
    ++applied_[item];
    content_[item] = ours;
  }
}

}  // namespace qbatch::test
