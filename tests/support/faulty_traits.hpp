#pragma once
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "support/campaign.hpp"

// What goes wrong in one random schedule. What carries it out: support/faulty_server.hpp.
namespace qbatch::test {

/// What a single request may meet. Reads meet the same; what only a write can meet is then the nearest thing.
enum class Trouble {
  none,
  noConnection,   ///< refused before anything left
  brokenBody,     ///< the connection broke while the body was being sent
  lostRequest,    ///< left, and was never carried out; no answer
  busy,           ///< 503, not carried out
  throttled,      ///< 429 with Retry-After, not carried out
  lostAnswer,     ///< carried out, then a reset
  lateAnswer,     ///< carried out, then no answer within the time
  twice,          ///< carried out twice, then a reset
  slowAnswer,     ///< carried out, and answered when something else has happened
  queued,         ///< 500, carried out later
  waitedTooLong,  ///< carried out, but the answer says wait_timeout or acknowledged
  inTheLog,       ///< the same, carried out later
  declined,       ///< the same, never carried out
  cutShort,       ///< carried out, half an answer
  noResult,       ///< carried out, `result` is null
  emptyAnswer,    ///< carried out, no body
  page,           ///< carried out, a page in HTML
};
constexpr std::size_t troubleKinds = 18;
constexpr std::array<std::string_view, troubleKinds> troubleNames{
    "none",       "noConnection", "brokenBody",    "lostRequest", "busy",     "throttled", "lostAnswer", "lateAnswer",  "twice",
    "slowAnswer", "queued",       "waitedTooLong", "inTheLog",    "declined", "cutShort",  "noResult",   "emptyAnswer", "page"};

/// The server says that a write will be applied.
inline bool isOfTheLog(Trouble trouble) {
  return trouble == Trouble::waitedTooLong || trouble == Trouble::inTheLog || trouble == Trouble::declined;
}

/// What a second client does to the points of the call.
enum class Meddling {
  upsert,      ///< with a payload and a vector of its own
  setPayload,  ///< a member that the call knows nothing of
  erase,
  count,  ///< adds a hundred to the usage count
};
constexpr std::size_t meddlingKinds = 4;
constexpr std::array<std::string_view, meddlingKinds> meddlingNames{"upsert", "setPayload", "erase", "count"};

/// Percent of requests where nothing else is said.
struct FaultTraits {
  bool passing = true;           ///< the server is well again after `most` troubles, and nothing is lost for good
  unsigned trouble = 0;          ///< how often a request meets one of `kinds`
  std::size_t most = 0;          ///< troubles, at most
  std::vector<Trouble> kinds{};  ///< those that occur
  unsigned halfApplied = 60;     ///< of refusals: some of the other points are stored
  std::size_t mostPoints = 0;    ///< in one body; 0: any number
  bool sayTooLargeAs413 = false;
  unsigned meddling = 0;                  ///< before a request, and again before its answer, another client writes
  std::vector<Meddling> meddlingKinds{};  ///< what it does
  std::size_t stopAt = 0;                 ///< the request at which the caller cancels; 0: never
  std::size_t stallAt = 0;                ///< the request that is held until the call's deadline has passed; 0: none

  [[nodiscard]] static FaultTraits random(Random& random);
};

/// Some of `all`, at least one.
template <class Kind>
std::vector<Kind> someOf(Random& random, const std::vector<Kind>& all) {
  std::vector<Kind> some;
  for (const auto kind : all)
    if (random.chance(50)) some.push_back(kind);
  if (some.empty()) some.push_back(all[random.below(all.size())]);
  return some;
}

inline FaultTraits FaultTraits::random(Random& random) {
  FaultTraits traits;
  traits.passing = random.chance(75);
  std::vector<Trouble> all;
  for (std::size_t kind = 1; kind < troubleKinds; ++kind) {
    const auto trouble = static_cast<Trouble>(kind);
    const bool forGood = trouble == Trouble::declined || trouble == Trouble::page;
    if (traits.passing && forGood) continue;
    // These are possible at few requests.
    all.insert(all.end(), forGood || isOfTheLog(trouble) ? 3 : 1, trouble);
  }
  if (random.chance(90)) traits.kinds = someOf(random, all);
  traits.trouble = static_cast<unsigned>(random.between(5, traits.passing ? 50 : 90));
  // Few enough for the repeats that a client has saved up: otherwise it waits for a second for each.
  traits.most = traits.passing ? random.between(1, 7) : 1000;
  if (random.chance(25)) traits.mostPoints = random.between(1, 12);
  traits.sayTooLargeAs413 = random.chance(50);
  if (random.chance(50)) {
    traits.meddling = static_cast<unsigned>(random.between(3, 25));
    traits.meddlingKinds = someOf<Meddling>(random, {Meddling::upsert, Meddling::setPayload, Meddling::erase});
  }
  // Whether what is in the log was applied before or after what somebody else wrote can never be known.
  if (traits.passing && traits.meddling != 0) std::erase_if(traits.kinds, isOfTheLog);
  if (random.chance(10)) traits.stopAt = random.between(1, 12);
  if (traits.stopAt == 0 && random.chance(4)) traits.stallAt = random.between(1, 10);
  return traits;
}

}  // namespace qbatch::test
