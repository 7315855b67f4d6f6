#include "batch/pieces.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::batch;
using namespace std::chrono_literals;

namespace {
Piece piece(std::size_t first, std::size_t last, std::size_t chunk, bool suspect = false) {
  Piece made;
  made.positions = Range{first, last};
  made.chunk = chunk;
  if (suspect) made.refusal = Error(Errc::refused, Origin::server, "bad");
  return made;
}
const TimePoint t0(1h);
}  // namespace

TEST_CASE("pieces: halves share the past and cover the whole", "[batch]") {
  auto whole = piece(10, 15, 10, true);
  whole.attempts = 3;
  whole.failures = 2;
  whole.maybeApplied = true;
  const auto [first, second] = whole.halves();
  CHECK(first.positions == Range{10, 12});
  CHECK(second.positions == Range{12, 15});
  CHECK(second.chunk == 10);
  CHECK(first.attempts == 3);
  CHECK(second.attempts == 3);
  CHECK(second.maybeApplied);
  CHECK(second.failures == 2);
  CHECK(second.refusal);
  const auto [one, other] = piece(0, 2, 0).halves();
  CHECK(one.positions == Range{0, 1});
  CHECK(other.positions == Range{1, 2});
}

TEST_CASE("pieces: chunk by chunk, by position, suspects last and the largest of them first", "[batch]") {
  Pieces pieces;
  pieces.addReady(piece(20, 30, 20));
  pieces.addReady(piece(0, 1, 0, true));
  pieces.addReady(piece(1, 3, 0, true));
  pieces.addReady(piece(3, 5, 0, true));
  pieces.addReady(piece(8, 10, 0));
  pieces.addReady(piece(5, 6, 0));
  CHECK(pieces.size() == 6);
  for (const std::size_t first : {5u, 8u, 1u, 3u, 0u, 20u}) CHECK(pieces.takeReady().positions.front() == first);
  CHECK_FALSE(pieces.hasReady());
  CHECK(pieces.size() == 0);
}

TEST_CASE("pieces: repeats by the time at which they are due", "[batch]") {
  Pieces pieces;
  CHECK(pieces.firstDue() == TimePoint::max());
  pieces.addRepeat(piece(0, 1, 0), t0 + 2s);
  pieces.addRepeat(piece(5, 6, 0), t0 + 1s);
  pieces.addRepeat(piece(7, 8, 0), t0 + 1s);
  CHECK(pieces.firstDue() == t0 + 1s);
  CHECK(pieces.repeats() == 3);
  CHECK_FALSE(pieces.hasReady());
  for (const std::size_t first : {5u, 7u, 0u}) CHECK(pieces.takeRepeat().positions.front() == first);
  CHECK(pieces.size() == 0);
}

TEST_CASE("pieces: some are taken out, by position", "[batch]") {
  Pieces pieces;
  pieces.addReady(piece(6, 8, 0, true));
  pieces.addReady(piece(2, 4, 0));
  pieces.addRepeat(piece(4, 6, 0, true), t0);
  pieces.addRepeat(piece(0, 2, 0), t0);
  const auto taken = pieces.takeIf([](const Piece& p) { return static_cast<bool>(p.refusal); });
  REQUIRE(taken.size() == 2);
  CHECK(taken[0].positions.front() == 4);
  CHECK(taken[1].positions.front() == 6);
  CHECK(pieces.size() == 2);
  CHECK(pieces.takeReady().positions.front() == 2);
  CHECK(pieces.takeRepeat().positions.front() == 0);
}

TEST_CASE("pieces: what is only followed is not in trouble", "[batch]") {
  Pieces pieces;
  auto followed = piece(0, 2, 0), unpaid = piece(2, 4, 2);
  followed.look = unpaid.look = Look::following;
  followed.free = true;
  pieces.addRepeat(followed, t0);
  pieces.addRepeat(unpaid, t0);
  pieces.addRepeat(piece(4, 6, 4), t0 + 1s);
  CHECK(pieces.repeats() == 3);
  CHECK(pieces.troubled() == 1);
  CHECK(pieces.takeFreeRepeat().positions == Range{0, 2});
  CHECK(pieces.troubled() == 1);
  CHECK(pieces.takeRepeat().positions == Range{2, 4});
  CHECK(pieces.troubled() == 1);
  pieces.addRepeat(unpaid, t0);
  CHECK(pieces.takeIf([](const Piece& one) { return one.look == Look::following; }).size() == 1);
  CHECK(pieces.troubled() == 1);
  CHECK(pieces.takeRepeat().positions == Range{4, 6});
  CHECK(pieces.troubled() == 0);
}

TEST_CASE("pieces: what came of one chunk is looked at together, and the worst of it is remembered", "[batch]") {
  const auto nothing = [](std::size_t) { return false; };
  for (const bool swapped : {false, true}) {
    Pieces pieces;
    auto one = piece(4, 6, 0), other = piece(0, 2, 0);
    one.attempts = 3;
    other.rounds = 2;
    one.copiesAlive = true;
    pieces.addOutcome(swapped ? other : one);
    pieces.addOutcome(swapped ? one : other);
    pieces.addOutcome(piece(8, 9, 8));
    CHECK(pieces.size() == 2);
    const auto both = pieces.takeOutcome(nothing);
    REQUIRE(both);
    CHECK(both->positions.ranges() == std::vector<Range>{{0, 2}, {4, 6}});
    CHECK(both->attempts == 3);
    CHECK(both->rounds == 2);
    CHECK(both->copiesAlive);
    CHECK(pieces.takeOutcome(nothing)->positions == Range{8, 9});
    CHECK_FALSE(pieces.takeOutcome(nothing));
  }
}

TEST_CASE("pieces: what came of a chunk waits for what of it is ready or under way, and for no other chunk", "[batch]") {
  Pieces pieces;
  pieces.addOutcome(piece(0, 2, 0));
  pieces.addOutcome(piece(8, 9, 8));
  pieces.addReady(piece(2, 4, 0));
  const auto underWay = [](std::size_t chunk) { return chunk == 8; };
  CHECK_FALSE(pieces.takeOutcome(underWay));
  static_cast<void>(pieces.takeReady());
  CHECK(pieces.takeOutcome(underWay)->positions == Range{0, 2});
  CHECK_FALSE(pieces.takeOutcome(underWay));
  CHECK(pieces.takeIf([](const Piece&) { return true; }).size() == 1);
}
