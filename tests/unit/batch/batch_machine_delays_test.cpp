#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "batch/batch_machine.hpp"
#include "support/machine_rig.hpp"

// The delays that the batch machine draws during an outage are spread over their whole range, so that the requests do not come back at
// once.

using namespace qbatch;
using namespace qbatch::batch;
using namespace qbatch::test;

namespace {

/// Never in the way, so that the time until a repeat is the delay that was drawn for it.
class Unlimited : public RetryBudget {
 public:
  bool take(TimePoint) noexcept override { return true; }
  TimePoint nextAt(TimePoint now) noexcept override { return now; }
};

constexpr std::size_t chunks = 8;
constexpr auto outage = 20s;

/// 503 for twenty seconds to eight chunks, then all is well. Returns the delays in parts of their range, of each chunk the first `most`.
std::vector<double> delaysOf(std::uint64_t seed, std::size_t most = 1000) {
  MachineOptions options;
  options.maxInFlight = chunks;
  options.seed = seed;
  options.budget = std::make_shared<Unlimited>();
  MachineRig rig(options);
  rig.fill(std::vector<std::size_t>(chunks, 1));
  const auto end = rig.now + outage;
  struct Fault {
    TimePoint at;
    std::chrono::nanoseconds range;
    std::size_t count;
  };
  std::map<std::size_t, Fault> faults;
  std::vector<double> delays;
  while (!rig.done()) {
    for (const auto& sent : rig.sendAll()) {
      const auto chunk = sent.positions.front();
      Fault next{rig.now, options.retry.firstDelay, 1};
      if (const auto before = faults.find(chunk); before != faults.end()) {
        const auto& [at, range, count] = before->second;
        const std::chrono::duration<double> waited = rig.now - at, longest = range;
        if (count <= most) delays.push_back(waited / longest);
        next = {rig.now, std::min<std::chrono::nanoseconds>(2 * range, options.retry.maxDelay), count + 1};
      }
      faults.insert_or_assign(chunk, next);
      rig.answer(sent, rig.now < end ? busy() : completed());
    }
    if (!rig.done()) rig.now = rig.wait();
  }
  if (rig.outcomes(chunks) != std::string(chunks, 'd')) FAIL("seed " << seed << ": " << rig.outcomes(chunks));
  return delays;
}

/// How likely it is that numbers drawn evenly from [0, 1] are at least as far from even as these (Kolmogorov and Smirnov; the usual series
/// with Stephens' correction for small samples).
double evenness(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  const auto count = static_cast<double>(numbers.size());
  double farthest = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto below = static_cast<double>(i) / count, upTo = static_cast<double>(i + 1) / count;
    farthest = std::max({farthest, numbers[i] - below, upTo - numbers[i]});
  }
  const auto distance = (std::sqrt(count) + 0.12 + 0.11 / std::sqrt(count)) * farthest;
  double sum = 0;
  for (int k = 1; k <= 100; ++k) sum += (k % 2 == 1 ? 2 : -2) * std::exp(-2.0 * k * k * distance * distance);
  return distance < 0.2 ? 1 : std::clamp(sum, 0.0, 1.0);
}

}  // namespace

TEST_CASE("batch_machine delays: the test for evenness knows what is even", "[batch]") {
  std::vector<double> even, halves;
  for (int i = 0; i < 100; ++i) even.push_back((i + 0.5) / 100);
  for (const auto number : even) halves.push_back(number / 2);
  CHECK(evenness(even) > 0.99);
  CHECK(evenness(halves) < 1e-6);
  // From tables: for a hundred numbers a distance of 0.1340 has a chance of 5%, one of 0.1608 of 1%.
  const auto shifted = [&](double by) {
    auto numbers = even;
    for (auto& number : numbers) number = std::clamp(number - by + 0.005, 0.0, 1.0);
    return evenness(numbers);
  };
  CHECK(shifted(0.1340) == Approx(0.05).epsilon(0.1));
  CHECK(shifted(0.1608) == Approx(0.01).epsilon(0.1));
}

TEST_CASE("batch_machine delays: after 20 s of 503 all is stored, and the delays were even over their range", "[batch]") {
  const auto delays = delaysOf(1);
  CHECK(delays.size() > 10 * chunks);
  CHECK(evenness(delays) > 0.01);
  // The same delays, were they of equal jitter or none, would not pass.
  auto equal = delays;
  for (auto& delay : equal) delay = (1 + delay) / 2;
  CHECK(evenness(equal) < 0.01);
  CHECK(evenness(std::vector<double>(delays.size(), 1)) < 0.01);
}

TEST_CASE("batch_machine delays: they are even whatever the seed, as often as chance allows", "[batch]") {
  constexpr std::size_t seeds = 500;
  std::size_t uneven = 0;
  std::vector<double> all;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto delays = delaysOf(seed), first = delaysOf(seed, 5);
    uneven += evenness(delays) <= 0.01;
    for (const auto delay : delays) {
      REQUIRE(delay >= 0);
      REQUIRE(delay <= 1);
    }
    all.insert(all.end(), first.begin(), first.end());  // those that no outage is too short for
  }
  CAPTURE(uneven);
  CHECK(all.size() == seeds * 5 * chunks);
  CHECK(uneven < seeds * 4 / 100);
  CHECK(evenness(all) > 0.01);
}
