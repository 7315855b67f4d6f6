#pragma once
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/faulty_findings.hpp"
#include "support/seed.hpp"

namespace qbatch::test {

/// Schedules a campaign; QBATCH_CAMPAIGN multiplies it.
inline std::size_t schedules() {
#if defined(__SANITIZE_THREAD__)
  return campaignSize(150);
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return campaignSize(150);
#else
  return campaignSize(500);
#endif
#else
  return campaignSize(500);
#endif
}

/// Every trouble that a write can meet, as Findings counts them.
inline std::vector<std::string> everyTrouble() {
  std::vector<std::string> all;
  for (std::size_t kind = 1; kind < troubleKinds; ++kind) all.push_back("trouble " + std::string(troubleNames[kind]));
  return all;
}

/// The first of `wanted` that never happened; empty where all did.
inline std::string neverMet(const Findings& findings, const std::vector<std::string>& wanted) {
  for (const auto& what : wanted)
    if (findings.counted(what) == 0) return what;
  return {};
}

/// Plays random schedules: `play(seed, findings)` gives the server of one that has ended. Fails where one found a problem, and where
/// something of `wanted` never happened, for which the campaign is there: what is rare has ten times the schedules to happen in, as no
/// seed may fail for having been unlucky.
template <class Play>
void campaign(const std::vector<std::string>& wanted, Play play) {
  Findings findings;
  std::size_t failing = 0, round = 0;
  const auto first = seed();
  const auto many = schedules();
  const bool large = many >= 150;
  for (; round < many || (large && round < 10 * many && !neverMet(findings, wanted).empty()); ++round) {
    std::string story;
    const auto problems = play(first + round, findings, story);
    failing += problems.empty() ? 0 : 1;
    if (!findings.news()) continue;
    INFO("repeat with QBATCH_SEED=" << first + round << problems << "\n  the requests:" << story);
    CHECK(problems.empty());
  }
  if (std::getenv("QBATCH_FINDINGS") != nullptr) WARN(round << " schedules" << findings.counts());
  INFO("the first seed was " << first << "; of " << round << " schedules these problems were met:" << findings.problems());
  CHECK(failing == 0);
  if (large) CHECK(neverMet(findings, wanted) == "");
}

}  // namespace qbatch::test
