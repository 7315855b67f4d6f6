#include "batch/patience.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::batch;
using namespace std::chrono_literals;

namespace {
const RetryOptions options{.firstDelay = 50ms, .maxDelay = 5000ms, .patience = 120000ms, .connectPatience = 5000ms};
const TimePoint t0(1h);
}  // namespace

TEST_CASE("patience: without trouble it never ends", "[batch]") {
  Patience patience(options);
  CHECK(patience.giveUpAt() == TimePoint::max());
  patience.progress(t0);
  CHECK(patience.giveUpAt() == TimePoint::max());
  CHECK(patience.newChunkAt(100) == TimePoint::min());
}

TEST_CASE("patience: before the first answer it is short, afterwards long", "[batch]") {
  Patience patience(options);
  Jitter jitter(options, 1);
  patience.failed(t0, t0 + 1s, jitter);
  CHECK(patience.giveUpAt() == t0 + 5s);  // from when the request left
  CHECK(patience.whyGivenUp() == "gave up after 5 s without a first answer (retry.connectPatience): ");
  patience.failed(t0 + 2s, t0 + 3s, jitter);
  CHECK(patience.giveUpAt() == t0 + 5s);  // from the first fault
  patience.answered();
  CHECK(patience.giveUpAt() == t0 + 120s);
  CHECK(patience.whyGivenUp() == "gave up after 120 s without progress (retry.patience): ");
}

TEST_CASE("patience: progress renews it", "[batch]") {
  Patience patience(options);
  Jitter jitter(options, 1);
  patience.failed(t0, t0, jitter);
  patience.progress(t0 + 60s);
  CHECK(patience.giveUpAt() == TimePoint::max());
  patience.failed(t0 + 10s, t0 + 70s, jitter);  // left before the progress: counts from the progress
  CHECK(patience.giveUpAt() == t0 + 180s);
}

TEST_CASE("patience: idle time does not count", "[batch]") {
  Patience patience(options);
  Jitter jitter(options, 1);
  patience.failed(t0, t0, jitter);
  patience.idle();
  CHECK(patience.giveUpAt() == TimePoint::max());
  patience.failed(t0 + 1h, t0 + 1h, jitter);
  CHECK(patience.giveUpAt() == t0 + 1h + 5s);
}

TEST_CASE("patience: new chunks wait until those tried have failed three times each", "[batch]") {
  Patience patience(options);
  Jitter jitter(options, 1);
  patience.failed(t0, t0, jitter);
  CHECK(patience.newChunkAt(1) == TimePoint::max());
  patience.failed(t0, t0, jitter);
  CHECK(patience.newChunkAt(1) == TimePoint::max());
  patience.failed(t0, t0 + 1s, jitter);
  CHECK(patience.newChunkAt(1) >= t0 + 1s);
  CHECK(patience.newChunkAt(1) <= t0 + 1s + 400ms);
  CHECK(patience.newChunkAt(2) == TimePoint::max());
}

TEST_CASE("patience: times are told exactly", "[batch]") {
  auto odd = options;
  odd.connectPatience = 1500ms;
  CHECK(Patience(odd).whyGivenUp() == "gave up after 1500 ms without a first answer (retry.connectPatience): ");
}
