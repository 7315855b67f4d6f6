#include "rest/operation.hpp"

#include <stdexcept>

#include "support/catch.hpp"
#include "support/rest_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;
using rest::Answered;
using rest::Call;
using Kind = Verdict::Kind;

namespace {

/// An operation whose steps are given from outside.
class Steps : public rest::Operation {
 public:
  using Body = std::function<void(Steps&)>;
  Steps(std::shared_ptr<rest::Stage> stage, Completion completion, Body body)
      : Operation(std::move(stage), {}, std::move(completion)), body_(std::move(body)) {}

  using Operation::ask;
  using Operation::askFor;
  using Operation::finish;
  using Operation::withVersion;
  using Operation::wrote;

 private:
  void start() override { body_(*this); }
  Body body_;
};

Reply carryOut(RestRig& rig, const Steps::Body& body) {
  return rig.run([&](auto stage, Completion completion) { return std::make_shared<Steps>(stage, std::move(completion), body); });
}

Call get(std::string path = "/x") {
  Call call;
  call.path = std::move(path);
  return call;
}
Call put() {
  Call call;
  call.method = "PUT";
  call.path = "/x";
  call.writes = true;
  call.items = 5;
  return call;
}
http::Response lost() { return fault(http::Fault::Kind::reset, "lost", true); }

}  // namespace

TEST_CASE("the reply sums up all calls, and comes once") {
  RestRig rig(always(resultOf("true")));
  const auto reply = carryOut(rig, [](Steps& steps) {
    steps.ask(get(), [&steps](Answered&) {
      steps.ask(put(), [&steps](Answered&) {
        steps.finish(Answer(std::size_t{7}));
        steps.finish(Answer(std::size_t{8}));
      });
    });
  });
  CHECK(std::get<std::size_t>(reply.answer) == 7);
  CHECK(reply.requests == 2);
  CHECK(reply.bytesSent == 200);
  CHECK(reply.bytesReceived == 200 + 2 * resultOf("true").body.size());
}

TEST_CASE("an answer at hand is no request") {
  RestRig rig(always(resultOf("true")));
  CHECK(carryOut(rig, [](Steps& steps) { steps.finish(Answer(true)); }).requests == 0);
}

TEST_CASE("a call that did not leave is no request") {
  RestRig rig(always(FakeTransport::cancelled()));
  const auto reply = carryOut(rig, [](Steps& steps) { steps.askFor(put(), [](Answered&) {}); });
  CHECK(reply.requests == 0);
  CHECK(reply.verdict.neverSent);
  CHECK_FALSE(reply.verdict.maybeApplied);
}

TEST_CASE("what an earlier call may have written stays true, whatever the last one met") {
  const bool answered = GENERATE(false, true);
  const auto last = GENERATE(refusal(429, "later"), FakeTransport::cancelled(), fault(http::Fault::Kind::connect), answer(401, "no"));
  CAPTURE(answered, last.status);
  RestRig rig(inOrder({answered ? written() : lost(), last}));
  const auto reply = carryOut(rig, [](Steps& steps) { steps.ask(put(), [&steps](Answered&) { steps.askFor(get(), [](Answered&) {}); }); });
  CHECK(reply.verdict.kind != Kind::completed);
  CHECK(reply.verdict.maybeApplied);
  CHECK_FALSE(reply.verdict.neverSent);
  CHECK_FALSE(reply.verdict.neverConnected);
}

TEST_CASE("what was only read, or refused, was not written") {
  RestRig rig(inOrder({lost(), fault(http::Fault::Kind::connect), refusal(413, "too much"), refusal(503, "later")}));
  const auto reply = carryOut(rig, [](Steps& steps) {
    steps.ask(get(), [&steps](Answered&) {
      steps.ask(put(), [&steps](Answered&) {
        steps.ask(put(), [&steps](Answered&) {
          CHECK_FALSE(steps.wrote());
          steps.askFor(get(), [](Answered&) {});
        });
      });
    });
  });
  CHECK_FALSE(reply.verdict.maybeApplied);
  CHECK(reply.requests == 4);
}

TEST_CASE("what a step throws becomes the reply") {
  RestRig rig(always(written()));
  const auto internal = [](const Reply& reply, bool maybeApplied) {
    CHECK(reply.verdict.kind == Kind::fatal);
    CHECK(reply.verdict.error.code() == Errc::internal);
    CHECK(reply.verdict.maybeApplied == maybeApplied);
  };
  const auto first = carryOut(rig, [](Steps&) { throw std::runtime_error("out of wits"); });
  internal(first, false);
  CHECK(hasPart(first.verdict.error.message(), "out of wits"));
  internal(carryOut(rig, [](Steps&) { throw 7; }), false);
  internal(carryOut(rig, [](Steps& steps) { steps.ask(get(), [](Answered&) { throw std::runtime_error("out of wits"); }); }), false);
  internal(carryOut(rig, [](Steps& steps) { steps.ask(put(), [](Answered&) { throw std::runtime_error("out of wits"); }); }), true);
}

TEST_CASE("an answer that cannot be read says what is wrong with it") {
  RestRig rig(always(answer(200, "{}")));
  for (const bool writes : {false, true}) {
    const auto reply = carryOut(rig, [&](Steps& steps) {
      steps.askFor(writes ? put() : get(), [](Answered& answered) { static_cast<void>(codec::decodeBool(answered.body)); });
    });
    CHECK(reply.verdict.kind == Kind::unavailable);
    CHECK(reply.verdict.maybeApplied == writes);
    CHECK(reply.verdict.error.code() == Errc::unavailable);
    CHECK(reply.verdict.error.httpStatus() == 200);
    CHECK(hasPart(reply.verdict.error.message(), "`result`"));
    CHECK(hasPart(reply.verdict.error.message(), "http://localhost:6333"));
  }
}

TEST_CASE("askFor ends with any verdict but completed") {
  RestRig rig(always(refusal(503, "no leader")));
  bool wentOn = false;
  const auto reply = carryOut(rig, [&](Steps& steps) { steps.askFor(get(), [&](Answered&) { wentOn = true; }); });
  CHECK_FALSE(wentOn);
  CHECK(reply.verdict.kind == Kind::unavailable);
}

namespace {
/// The version with which it goes on; "none" where it does not.
std::string versionBy(RestRig& rig, Reply& reply) {
  std::string text = "none";
  reply = carryOut(rig, [&](Steps& steps) {
    steps.withVersion([&](const codec::ServerVersion& version) {
      text = version.text.empty() ? "hidden" : version.text;
      steps.finish(Answer());
    });
  });
  return text;
}
}  // namespace

TEST_CASE("the version is asked for once, and may be hidden") {
  struct Row {
    http::Response response;
    std::string version;
  };
  const Row row =
      GENERATE(Row{versionOf("1.18.3"), "1.18.3"}, Row{page(200), "hidden"}, Row{page(404), "hidden"}, Row{refusal(405, "no"), "hidden"},
               Row{refusal(400, "no"), "hidden"}, Row{answer(401, "no key"), "hidden"}, Row{answer(200, "{}"), "hidden"});
  CAPTURE(row.response.status, row.response.body);
  RestRig rig(always(row.response));
  Reply reply;
  for (int i = 0; i < 2; ++i) CHECK(versionBy(rig, reply) == row.version);
  CHECK(rig.record->lines() == std::vector<std::string>{"GET /"});
}

TEST_CASE("a version that could not be asked for ends the operation, and is asked for again") {
  const auto bad = GENERATE(refusal(503, "no leader"), fault(http::Fault::Kind::connect), fault(http::Fault::Kind::certificate));
  RestRig rig(inOrder({bad, versionOf("1.18.3")}));
  Reply reply;
  CHECK(versionBy(rig, reply) == "none");
  CHECK(reply.verdict.error);
  CHECK(versionBy(rig, reply) == "1.18.3");
}

TEST_CASE("paths of collections are encoded") {
  CHECK(rest::collectionPath("c") == "/collections/c");
  CHECK(rest::collectionPath("a/b c", "/points") == "/collections/a%2Fb%20c/points");
}

TEST_CASE("a write is completed only where it says so") {
  CHECK(rest::writeVerdict(codec::WriteStatus::completed).kind == Kind::completed);
  CHECK(rest::writeVerdict(codec::WriteStatus::acknowledged).kind == Kind::acknowledged);
  CHECK(rest::writeVerdict(codec::WriteStatus::waitTimeout).kind == Kind::acknowledged);
}
