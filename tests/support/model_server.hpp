#pragma once
#include <chrono>
#include <cstddef>
#include <string>
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
  unsigned acknowledged{}, applyTwice{}, throttled{}, fault{}, lostAnswer{}, fatal{}, brokenAnswer{};
  milliseconds awayFrom{}, awayFor{};  // since the start
  milliseconds latency = 20ms, retryAfter = 500ms;

  [[nodiscard]] static ServerTraits random(Random& random, std::size_t items);
};

/// A server without a network: applies, refuses, loses and delays as Qdrant was seen to do, and knows the truth of every item.
class ModelServer {
 public:
  ModelServer(const ServerTraits& traits, Random& random);

  /// Carries out one request now; what it answers arrives `latency` later.
  [[nodiscard]] Verdict handle(batch::Range range, batch::TimePoint now);
  /// Lets all that was queued happen.
  void applyQueued();

  [[nodiscard]] bool applied(std::size_t item) const { return applied_[item] > 0; }
  [[nodiscard]] unsigned timesApplied(std::size_t item) const { return applied_[item]; }
  /// True where the item alone is refused.
  [[nodiscard]] bool refuses(std::size_t item) const { return kind_[item] != Kind::good; }
  [[nodiscard]] std::size_t badItems() const { return bad_; }
  [[nodiscard]] std::size_t hugeItems() const { return huge_; }
  [[nodiscard]] const ServerTraits& traits() const { return traits_; }

 private:
  enum class Kind { good, bad, huge, absent };

  [[nodiscard]] bool has(batch::Range range, Kind kind) const;
  [[nodiscard]] bool tooLarge(batch::Range range) const;
  [[nodiscard]] Verdict refuse(batch::Range range);
  [[nodiscard]] Verdict loseAnswer(batch::Range range);
  [[nodiscard]] Verdict carryOut(batch::Range range);
  [[nodiscard]] Verdict throttle();
  void apply(batch::Range range, std::size_t upTo);

  ServerTraits traits_;
  Random& random_;
  std::vector<Kind> kind_;
  std::vector<unsigned> applied_;
  std::vector<batch::Range> queued_;
  std::size_t bad_ = 0, huge_ = 0;
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

inline ModelServer::ModelServer(const ServerTraits& traits, Random& random) : traits_(traits), random_(random), applied_(traits.items) {
  for (std::size_t item = 0; item < traits.items; ++item) {
    const auto kind = random_.chance(traits.badItems)      ? Kind::bad
                      : random_.chance(traits.hugeItems)   ? Kind::huge
                      : random_.chance(traits.absentItems) ? Kind::absent
                                                           : Kind::good;
    bad_ += kind == Kind::bad;
    huge_ += kind == Kind::huge;
    kind_.push_back(kind);
  }
}

inline Verdict ModelServer::handle(batch::Range range, batch::TimePoint now) {
  if (start_ == batch::TimePoint::min()) start_ = now;
  Verdict verdict;
  if (now >= start_ + traits_.awayFrom && now < start_ + traits_.awayFrom + traits_.awayFor) {
    verdict.kind = Verdict::Kind::unavailable;
    verdict.neverConnected = random_.chance(80);
    verdict.error = Error(Errc::unavailable, Origin::transport, "connection refused");
    return verdict;
  }
  if (random_.chance(traits_.fatal)) {
    verdict.kind = Verdict::Kind::fatal;
    verdict.error = Error(Errc::unauthorized, Origin::server, "the key is wrong", 401);
    verdict.maybeApplied = random_.chance(30);
    if (verdict.maybeApplied && random_.chance(50)) apply(range, range.last);
    return verdict;
  }
  if (random_.chance(traits_.throttled)) return throttle();
  if (tooLarge(range)) {
    verdict.kind = Verdict::Kind::tooLarge;
    verdict.error = Error(Errc::tooLarge, Origin::server, "too large", 413);
    return verdict;
  }
  if (random_.chance(traits_.fault)) {
    verdict.kind = Verdict::Kind::unavailable;
    verdict.error = Error(Errc::unavailable, Origin::server, "busy", random_.chance(50) ? 503 : 0);
    return verdict;
  }
  if (random_.chance(traits_.lostAnswer)) return loseAnswer(range);
  return has(range, Kind::bad) ? refuse(range) : carryOut(range);
}

inline void ModelServer::applyQueued() {
  for (const auto& range : queued_) apply(range, range.last);
  queued_.clear();
}

inline bool ModelServer::has(batch::Range range, Kind kind) const {
  for (auto item = range.first; item < range.last; ++item) {
    if (kind_[item] == kind) return true;
  }
  return false;
}

inline bool ModelServer::tooLarge(batch::Range range) const {
  return (traits_.sizeLimit > 0 && range.size() > traits_.sizeLimit) || has(range, Kind::huge);
}

inline Verdict ModelServer::throttle() {
  Verdict verdict;
  verdict.kind = Verdict::Kind::throttled;
  verdict.error = Error(Errc::throttled, Origin::server, "slow down", 429);
  if (random_.chance(70)) verdict.retryAfter = traits_.retryAfter;
  return verdict;
}

/// Refused because of a bad item; the items before it may have been applied.
inline Verdict ModelServer::refuse(batch::Range range) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::itemAtFault;
  verdict.error = Error(Errc::refused, Origin::server, "refused", 400, "wrong input " + std::to_string(random_.below(traits_.words)));
  if (random_.chance(traits_.halfApplied)) {
    auto bad = range.first;
    while (kind_[bad] != Kind::bad) ++bad;
    apply(range, bad);
    verdict.maybeApplied = bad > range.first || random_.chance(10);
  }
  return verdict;
}

/// No answer: applied or not, in part, or only later.
inline Verdict ModelServer::loseAnswer(batch::Range range) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::unavailable;
  verdict.error = Error(Errc::unavailable, Origin::transport, "no answer in time");
  verdict.maybeApplied = true;
  if (has(range, Kind::bad)) return verdict;
  switch (random_.below(4)) {
    case 0:
      break;
    case 1:
      apply(range, range.last);
      break;
    case 2:
      apply(range, range.first + range.size() / 2);
      break;
    default:
      queued_.push_back(range);
  }
  return verdict;
}

inline Verdict ModelServer::carryOut(batch::Range range) {
  Verdict verdict;
  verdict.kind = random_.chance(traits_.acknowledged) ? Verdict::Kind::acknowledged : Verdict::Kind::completed;
  if (random_.chance(10)) applyQueued();
  apply(range, range.last);
  if (random_.chance(traits_.applyTwice)) apply(range, range.last);
  for (auto item = range.first; item < range.last; ++item) {
    if (kind_[item] == Kind::absent) {
      verdict.items.push_back({item - range.first, Outcome::rejected, Error(Errc::pointNotFound, Origin::server, "no such point")});
    }
  }
  if (random_.chance(traits_.brokenAnswer)) verdict.items.push_back({range.size(), Outcome::rejected, {}});
  return verdict;
}

inline void ModelServer::apply(batch::Range range, std::size_t upTo) {
  for (auto item = range.first; item < upTo; ++item) {
    if (kind_[item] == Kind::good) ++applied_[item];
  }
}

}  // namespace qbatch::test
