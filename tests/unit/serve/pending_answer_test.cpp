#include "serve/pending_answer.hpp"

#include <stdexcept>
#include <vector>

#include "serve/gzip_body.hpp"
#include "support/catch.hpp"
#include "support/gzipped.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch::serve;
using namespace qbatch;
using qbatch::test::contains;
using qbatch::test::gzipped;

namespace {

/// What was delivered.
struct Delivered {
  std::vector<ReadyAnswer> answers;
  PendingAnswer::Deliver deliver() {
    return [this](ReadyAnswer answer) { answers.push_back(std::move(answer)); };
  }
};

}  // namespace

TEST_CASE("pending answer: the first counts, and copies share it", "[serve]") {
  Delivered delivered;
  {
    const auto respond = makeRespond(delivered.deliver(), false);
    const auto copy = respond;
    copy({.status = 201, .body = "first"});
    respond({.body = "second"});
  }
  REQUIRE(delivered.answers.size() == 1);
  CHECK(delivered.answers[0].response.status == 201);
}

TEST_CASE("pending answer: dropped without a word is a 500", "[serve]") {
  Delivered delivered;
  { const auto respond = makeRespond(delivered.deliver(), true); }
  REQUIRE(delivered.answers.size() == 1);
  REQUIRE(delivered.answers[0].refusal);
  CHECK(delivered.answers[0].refusal->status == 500);
  CHECK_THAT(delivered.answers[0].refusal->message, contains("without an answer"));
}

TEST_CASE("pending answer: a status that no answer has is a 500", "[serve]") {
  for (const int status : {-1, 0, 100, 101, 199, 600, 1000}) {
    Delivered delivered;
    makeRespond(delivered.deliver(), false)({.status = status});
    REQUIRE(delivered.answers.at(0).refusal);
    CHECK(delivered.answers[0].refusal->status == 500);
    CHECK_THAT(delivered.answers[0].refusal->message, contains("the status " + std::to_string(status)));
  }
}

TEST_CASE("pending answer: only large answers are packed, and only where that is wanted", "[serve]") {
  const std::string large(50'000, 'x');
  const auto give = [](const std::string& body, bool mayGzip) {
    Delivered delivered;
    makeRespond(delivered.deliver(), mayGzip)({.body = body});
    return delivered.answers.at(0);
  };
  CHECK_FALSE(give(large, false).gzipped);
  CHECK_FALSE(give("small", true).gzipped);
  Delivered delivered;
  makeRespond(delivered.deliver(), true)({.body = large, .headers = {{"Content-Encoding", "br"}}});
  makeRespond(delivered.deliver(), true)({.status = 204, .body = large});
  for (const auto& answer : delivered.answers) CHECK_FALSE(answer.gzipped);
  const auto packed = give(large, true);
  CHECK(packed.gzipped);
  CHECK(gunzip(packed.response.body, large.size()).bytes == large);
}

TEST_CASE("pending answer: what a delivery throws goes nowhere", "[serve]") {
  const auto respond = makeRespond([](const ReadyAnswer&) { throw std::bad_alloc(); }, false);
  CHECK_NOTHROW(respond({}));
}

TEST_CASE("pending answer: bodies are unpacked, and refused where they cannot be", "[serve]") {
  const std::string text(1000, 't');
  const HttpHandler echo = [](const HttpRequest& request, const Respond& respond) { respond({.body = request.body}); };
  const auto answerTo = [&](std::string body, bool gzipped, const HttpHandler& handler) {
    Delivered delivered;
    carryOut({.body = std::move(body)}, gzipped, {.maxBodyBytes = 1000}, handler, makeRespond(delivered.deliver(), false));
    return delivered.answers.at(0).response;
  };
  CHECK(answerTo(gzipped(text), true, echo).body == text);
  CHECK(answerTo(gzipped(text + "t"), true, echo).status == 400);
  CHECK(answerTo("nonsense", true, echo).status == 400);
  CHECK(answerTo("", true, echo).status == 200);
  CHECK(answerTo("plain", false, echo).body == "plain");
  CHECK(answerTo("", false, [](const HttpRequest&, const Respond&) { throw std::runtime_error("why"); }).status == 500);
  CHECK(answerTo("", false, [](const HttpRequest&, const Respond&) { throw 1; }).status == 500);
}

TEST_CASE("pending answer: a closed gate drops what comes", "[serve]") {
  int done = 0;
  Gate gate([](const std::function<void()>& task) { task(); });
  gate.post([&] { ++done; });
  gate.close();
  gate.post([&] { ++done; });
  CHECK(done == 1);
}
