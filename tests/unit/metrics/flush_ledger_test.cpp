#include "metrics/flush_ledger.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::metrics;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
using Copies = FlushLedger::Copies;

namespace {

const Flush flush{.fields = {}, .writer = "W", .sequence = 100};
const std::vector<MetricChange> two{{.id = 1}, {.id = 2}};
const std::vector<std::size_t> first{0};
const std::vector<std::size_t> both{0, 1};
const Error trouble(Errc::refused, Origin::server, "refused");

FlushLedger ledger(unsigned rounds = 20) { return {two, flush, {rounds, "patterns"}}; }

bool see(FlushLedger& ledger, std::size_t position, const std::string& payload) {
  const auto stored = codec::JsonObject::parse(payload);
  return ledger.see(position, &stored);
}

ItemVerdict only(const FlushLedger& ledger) {
  const auto items = ledger.items();
  REQUIRE(items.size() == 1);
  return items.front();
}

}  // namespace

TEST_CASE("a mark of this flush is the proof, one of an earlier flush or of another kind is not", "[metrics]") {
  auto state = ledger();
  CHECK(see(state, 0, "{}"));
  state.wrote(both, Copies::answered);
  CHECK(see(state, 0, R"({"_qbatch_W":"100"})"));
  CHECK(see(state, 0, R"({"_qbatch_W":99})"));
  CHECK_FALSE(see(state, 0, R"({"_qbatch_W":100})"));
  CHECK(state.settled(0));
  CHECK(state.unsettled() == std::vector<std::size_t>{1});
  state.end(1, Outcome::failed, trouble);
  CHECK(only(state).position == 1);
  CHECK(only(state).outcome == Outcome::unknown);  // its write was answered, but it was not read since
}

TEST_CASE("a point ends as asked for once its answered writes were read, and as unknown while one is alive", "[metrics]") {
  for (const auto copies : {Copies::answered, Copies::partly, Copies::alive}) {
    auto state = ledger();
    state.wrote(first, copies);
    CHECK(state.uncertain());
    CHECK_FALSE(state.untouched());
    see(state, 0, "{}");
    CHECK(state.untouched() == (copies != Copies::alive));
    CHECK(state.uncertain() == (copies == Copies::alive));
    state.done(1);
    state.end(0, Outcome::failed, trouble);
    CHECK(only(state).outcome == (copies == Copies::alive ? Outcome::unknown : Outcome::failed));
    CHECK(only(state).error.message() == "refused");
  }
}

TEST_CASE("only answered writes count as lost, and parts of refused ones not as attempts", "[metrics]") {
  auto state = ledger(2);
  state.wrote(first, Copies::partly);
  CHECK(see(state, 0, "{}"));
  state.wrote(first, Copies::alive);
  CHECK(see(state, 0, "{}"));
  CHECK(state.lost(0) == 0);
  state.wrote(first, Copies::answered);
  CHECK_FALSE(see(state, 0, "{}"));
  CHECK(state.lost(0) == 1);
  state.done(1);
  CHECK(only(state).outcome == Outcome::unknown);
  CHECK_THAT(only(state).error.message(),
             Equals("point 1: none of 2 writes of its new counts showed when it was read; whether it was or will be applied is not known, "
                    "because a write was never fully answered"));
}

TEST_CASE("a point that loses every round fails and says to whom", "[metrics]") {
  auto state = ledger(2);
  state.done(1);
  state.wrote(first, Copies::answered);
  CHECK(see(state, 0, "{}"));
  CHECK(see(state, 0, "{}"));  // read twice, lost once
  CHECK(state.lost(0) == 1);
  state.wrote(first, Copies::answered);
  CHECK_FALSE(see(state, 0, R"({"_qbatch_last":"V.7"})"));
  CHECK(only(state).outcome == Outcome::failed);
  CHECK(only(state).error.code() == Errc::unavailable);
  CHECK_THAT(
      only(state).error.message(),
      Equals("point 1: it was changed by others each of the 2 times that its new counts were written, last under the stamp `V.7`; send "
             "the update again, with fewer clients updating this point at one time"));
}

TEST_CASE("a point that does not exist is rejected; one that went away with a write alive may come back", "[metrics]") {
  auto state = ledger();
  CHECK_FALSE(state.see(0, nullptr));
  state.done(1);
  CHECK(only(state).outcome == Outcome::rejected);
  CHECK(only(state).error.code() == Errc::pointNotFound);
  CHECK(only(state).error.origin() == Origin::server);
  CHECK(only(state).error.httpStatus() == 404);
  CHECK_THAT(only(state).error.message(), Equals("No point with id 1 in collection `patterns`"));
  CHECK(only(state).error.serverMessage() == "Not found: No point with id 1 found");

  auto written = ledger();
  see(written, 1, "{}");
  written.wrote(both, Copies::answered);
  written.wrote(first, Copies::alive);
  written.see(0, nullptr);
  written.see(1, nullptr);
  REQUIRE(written.items().size() == 2);
  CHECK(written.items()[0].outcome == Outcome::unknown);
  CHECK(written.items()[0].error.code() == Errc::pointNotFound);
  CHECK(written.items()[1].outcome == Outcome::rejected);
  CHECK_THAT(written.items()[1].error.message(), Contains("it was deleted while it was updated"));
}

TEST_CASE("a mark beyond this flush's is told, and unknown only where a write went out", "[metrics]") {
  auto state = ledger();
  state.wrote(first, Copies::answered);
  CHECK_FALSE(see(state, 0, R"({"_qbatch_W":101})"));
  CHECK_FALSE(see(state, 1, R"({"_qbatch_W":101})"));
  REQUIRE(state.items().size() == 2);
  CHECK(state.items()[0].outcome == Outcome::unknown);
  CHECK(state.items()[1].outcome == Outcome::failed);
  CHECK(state.items()[0].error.code() == Errc::internal);
  CHECK_THAT(state.items()[0].error.message(), Contains("point 1: `_qbatch_W` holds 101, beyond this update's own 100"));
}

TEST_CASE("a refusal counts unless the mark says otherwise", "[metrics]") {
  auto state = ledger();
  state.wrote(both, Copies::answered);
  state.refuse(both, Outcome::rejected, trouble);
  CHECK_FALSE(see(state, 0, R"({"_qbatch_W":100})"));
  CHECK_FALSE(see(state, 1, "{}"));
  CHECK(only(state).position == 1);
  CHECK(only(state).outcome == Outcome::rejected);
  CHECK(only(state).error.message() == "refused");
}

TEST_CASE("a point is open while something may still arrive", "[metrics]") {
  const std::vector<MetricChange> four{{.id = 1}, {.id = 2}, {.id = 3}, {.id = 4}};
  FlushLedger state(four, flush, {});
  const std::vector<std::size_t> three{0, 1, 2};
  const std::vector<std::size_t> second{1};
  state.wrote(three, Copies::answered);
  state.wrote(second, Copies::alive);
  see(state, 0, R"({"_qbatch_W":100})");
  see(state, 1, R"({"_qbatch_W":100})");
  see(state, 2, "{}");
  see(state, 3, R"({"_qbatch_W":100})");  // set by an earlier life of this flush, whose writes are not known
  for (std::size_t position = 0; position < 4; ++position) {
    CAPTURE(position);
    CHECK(state.marked(position) == (position != 2));
    CHECK(state.sent(position) == (position != 3));
    CHECK(state.open(position) == (position == 1));
  }
  CHECK_FALSE(state.untouched());
}

TEST_CASE("a payload that was replaced while it was updated, counts in it, leaves the update unknown", "[metrics]") {
  const std::vector<MetricChange> one{{.id = 1, .increments = {{"usage_count", 1}, {"shown", 1}}}};
  const std::string marked = R"({"usage_count":5,"_qbatch_W":90})";
  const auto seen = [&](bool remembered, const std::string& replaced) {
    FlushLedger state(one, flush, {});
    if (remembered)
      state.recall(0, codec::JsonObject::parse(marked));
    else
      see(state, 0, marked);
    state.wrote(first, Copies::answered);
    see(state, 0, replaced);
    return state;
  };
  const bool remembered = GENERATE(false, true);
  CAPTURE(remembered);
  for (const auto* counts : {R"({"usage_count":5})", R"({"usage_count":0,"shown":2})", R"({"usage_count":6,"_qbatch_W":80})"}) {
    CAPTURE(counts);
    const auto state = seen(remembered, counts);
    CHECK(only(state).outcome == Outcome::unknown);
    CHECK_THAT(only(state).error.message(), Contains("its payload was replaced while it was updated") && Contains("`_qbatch_W`"));
    CHECK_FALSE(state.open(0));  // every write was answered
  }
  // Whoever brings no counts has taken none over: the update comes behind that.
  for (const auto* counts : {"{}", R"({"usage_count":0,"shown":null})"}) {
    CAPTURE(counts);
    const auto state = seen(remembered, counts);
    CHECK_FALSE(state.settled(0));
    CHECK(state.replaced() == 1);
    CHECK(state.lost(0) == 1);
  }
  const auto kept = seen(remembered, R"({"usage_count":6,"_qbatch_W":90})");
  CHECK_FALSE(kept.settled(0));
  CHECK(kept.replaced() == 0);
}

TEST_CASE("what was replaced before this flush wrote is only noted", "[metrics]") {
  auto state = ledger();
  state.recall(0, codec::JsonObject::parse(R"({"_qbatch_W":90})"));
  CHECK(see(state, 0, R"({"usage_count":5})"));
  CHECK(state.replaced() == 1);
  state.wrote(first, Copies::answered);
  CHECK(see(state, 0, R"({"usage_count":6})"));  // lost to another
  CHECK(state.replaced() == 1);
}
