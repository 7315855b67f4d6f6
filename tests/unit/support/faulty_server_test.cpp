// The server that goes wrong on purpose: what it does to points, what it says, and what its record says of that.
#include "support/faulty_server.hpp"

#include <string>
#include <utility>

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

http::Request request(std::string method, const std::string& path, const std::string& body) {
  http::Request made;
  made.method = std::move(method);
  made.url = "http://faulty:6333" + path;
  made.headers = {{"Content-Type", "application/json"}};
  made.body = std::make_shared<const std::string>(body);
  return made;
}

http::Request upsert(std::initializer_list<int> ids) {
  std::string points;
  for (const int id : ids)
    points += (points.empty() ? R"({"id":)" : R"(,{"id":)") + std::to_string(id) + R"(,"vector":[1,2,3,4],"payload":{"code":"new"}})";
  return request("PUT", "/collections/patterns/points?wait=true", R"({"points":[)" + points + "]}");
}

FaultyServer::Options always(Trouble trouble) {
  FaultyServer::Options options;
  options.ours = {PointId(1), PointId(2), PointId(3)};
  options.traits.trouble = trouble == Trouble::none ? 0 : 100;
  options.traits.most = 1;
  options.traits.kinds = {trouble};
  return options;
}

struct Rig {
  Random random{7};
  FaultyServer server;

  explicit Rig(FaultyServer::Options options) : server(std::move(options), random) {
    server.preparePoints({{PointId(1), R"({"code":"old"})"}});
    server.begin();
  }
  [[nodiscard]] http::Response ask(const http::Request& what) {
    auto reply = server.handle(what);
    REQUIRE(reply.answer);
    return std::move(*reply.answer);
  }
  [[nodiscard]] const PointHistory& history(std::uint64_t id) const { return server.histories().at(PointId(id)); }
  [[nodiscard]] bool isNew(std::uint64_t id) const {
    const auto& content = history(id).last().content;
    return content && contentOf(content->payload) == R"(code: "new")";
  }
};

}  // namespace

TEST_CASE("without a trouble a write is carried out, and the record says by whom") {
  Rig rig(always(Trouble::none));
  CHECK(rig.ask(upsert({1, 2})).status == 200);
  CHECK(rig.isNew(1));
  CHECK(rig.isNew(2));
  CHECK(rig.history(1).states.size() == 2);
  CHECK(rig.history(1).last().author == Author::ours);
  CHECK(rig.history(1).last().request == 1);
  CHECK(rig.history(3).states.size() == 1);
  REQUIRE(rig.history(2).attempts.size() == 1);
  CHECK(rig.history(2).attempts[0].heard == Heard::carriedOut);
  CHECK_FALSE(rig.history(2).attempts[0].alone);
}

TEST_CASE("each trouble does to a write what it says, and the record knows what the client heard") {
  struct Expected {
    Trouble trouble;
    bool applied, atTheEnd;
    Heard heard;
  };
  const auto expected = GENERATE(values<Expected>({{Trouble::noConnection, false, false, Heard::surelyNot},
                                                   {Trouble::brokenBody, false, false, Heard::surelyNot},
                                                   {Trouble::lostRequest, false, false, Heard::nothing},
                                                   {Trouble::busy, false, false, Heard::nothing},
                                                   {Trouble::throttled, false, false, Heard::surelyNot},
                                                   {Trouble::lostAnswer, true, true, Heard::nothing},
                                                   {Trouble::lateAnswer, true, true, Heard::nothing},
                                                   {Trouble::twice, true, true, Heard::nothing},
                                                   {Trouble::slowAnswer, true, true, Heard::carriedOut},
                                                   {Trouble::queued, false, true, Heard::nothing},
                                                   {Trouble::waitedTooLong, true, true, Heard::inTheLog},
                                                   {Trouble::inTheLog, false, true, Heard::inTheLog},
                                                   {Trouble::declined, false, false, Heard::inTheLog},
                                                   {Trouble::cutShort, true, true, Heard::nothing},
                                                   {Trouble::noResult, true, true, Heard::nothing},
                                                   {Trouble::emptyAnswer, true, true, Heard::nothing},
                                                   {Trouble::page, true, true, Heard::nothing}}));
  CAPTURE(troubleNames[static_cast<std::size_t>(expected.trouble)]);
  Rig rig(always(expected.trouble));
  static_cast<void>(rig.ask(upsert({1, 2})));
  CHECK(rig.server.met(expected.trouble) == 1);
  CHECK(rig.isNew(1) == expected.applied);
  CHECK(rig.history(1).attempts.at(0).heard == expected.heard);
  rig.server.settle();
  CHECK(rig.isNew(1) == expected.atTheEnd);
  CHECK(rig.isNew(2) == expected.atTheEnd);
}

TEST_CASE("a bad point makes each request fail that holds it, and is never stored") {
  auto options = always(Trouble::none);
  options.bad = {PointId(2)};
  options.traits.halfApplied = 100;
  Rig rig(std::move(options));
  for (int i = 0; i < 20; ++i) CHECK(rig.ask(upsert({1, 2, 3})).status == 400);
  CHECK(rig.server.halfApplied() > 0);
  CHECK((rig.isNew(1) || rig.isNew(3)));
  CHECK(rig.ask(upsert({2})).status == 400);
  CHECK_FALSE(rig.history(2).last().content);
  CHECK(rig.history(2).attempts.back().alone);
  CHECK(rig.history(2).attempts.back().heard == Heard::refused);
  CHECK(rig.ask(upsert({1, 3})).status == 200);
}

TEST_CASE("a body with too many points is refused in Qdrant's words or a proxy's") {
  auto options = always(Trouble::none);
  options.traits.mostPoints = 2;
  options.traits.sayTooLargeAs413 = GENERATE(false, true);
  const int status = options.traits.sayTooLargeAs413 ? 413 : 400;
  Rig rig(std::move(options));
  CHECK(rig.ask(upsert({1, 2, 3})).status == status);
  CHECK(rig.history(1).attempts.back().heard == Heard::surelyNot);
  CHECK(rig.ask(upsert({1, 2})).status == 200);
}

TEST_CASE("another client writes between requests, and the record tells its writes from ours") {
  auto options = always(Trouble::none);
  options.traits.meddling = 100;
  options.traits.meddlingKinds = {Meddling::setPayload};
  Rig rig(std::move(options));
  for (int i = 0; i < 10; ++i) static_cast<void>(rig.ask(upsert({1, 2, 3})));
  CHECK(rig.server.meddled(Meddling::setPayload) > 0);
  CHECK(rig.history(1).writtenBy(Author::other));
  CHECK(rig.history(1).writtenBy(Author::ours));
}

TEST_CASE("a cancelled call, and a request that is held") {
  bool cancelled = false;
  auto options = always(Trouble::none);
  options.traits.stopAt = 1;
  options.traits.stallAt = 2;
  options.cancel = [&] { cancelled = true; };
  Rig rig(std::move(options));
  static_cast<void>(rig.server.handle(upsert({1})));
  CHECK(cancelled);
  CHECK_FALSE(rig.server.handle(upsert({1})).answer);
}
