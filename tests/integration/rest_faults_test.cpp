// Every request of every verb goes wrong in turn, in every way, once or for ever. What the report then says of each item is compared with
// what the server holds.
#include "integration/rest_faults.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace qbatch;
using namespace qbatch::test;
using namespace qbatch::test::scripted;

namespace {

struct Trouble {
  const char* name;
  HttpStep step;
  bool passing = true;     // what follows on a single one is a repeat that succeeds
  bool surelyNot = false;  // the client can know that the request was not carried out, unless it holds several operations
};

HttpFault cutInBody(std::size_t bytes) {
  HttpFault fault;
  fault.readBody = bytes;
  fault.cut = Cut::reset;
  return fault;
}

HttpFault cutInHead() {
  HttpFault fault;
  fault.readHead = 10;
  fault.cut = Cut::reset;
  return fault;
}

HttpFault notHttp() {
  HttpFault fault;
  fault.raw = std::string("\x15\x03\x01 this is no HTTP\r\n\r\n");
  fault.cut = Cut::close;
  return fault;
}

HttpAnswer answer(int status, std::string body, HttpHeaders headers = {}) {
  return {status, std::move(headers), std::move(body), false, {}};
}

HttpAnswer serverError(int status) { return answer(status, R"({"status":{"error":"Service internal error: shard is busy"},"time":0.0})"); }

std::vector<Trouble> troubles() {
  const auto page = answer(200, "<!DOCTYPE html><html><body>Welcome</body></html>", {{"Content-Type", "text/html"}});
  return {
      {"reset when the connection is accepted", cutOnAccept(Cut::reset)},
      {"reset in the head", cutInHead()},
      {"reset behind the head", cutInBody(0)},
      {"reset in the body", cutInBody(20)},
      {"carried out, then closed", handledThenCut(Cut::close)},
      {"carried out, then reset", handledThenCut(Cut::reset)},
      {"carried out, answer ends in its head", answeredInPart(20, Cut::close)},
      {"carried out, answer ends in its body", answeredInPart(90, Cut::reset)},
      {"carried out, half a document", handledThenAnswered(answer(200, R"({"result":{"opera)"))},
      {"carried out, empty answer", handledThenAnswered(answer(200, ""))},
      {"carried out, 500", handledThenAnswered(serverError(500))},
      {"503 instead", serverError(503)},
      {"429 instead", answer(429, R"({"status":{"error":"Rate limiting exceeded"},"time":0.0})", {{"Retry-After", "0"}}), true, true},
      {"a page instead", page, false},
      {"carried out, no HTTP", notHttp(), false},
  };
}

}  // namespace

TEST_CASE("a request that goes wrong once is made good, whichever it is") {
  const auto all = verbs();
  const auto& verb = GENERATE_REF(from_range(all));
  const auto usual = usualCourse(verb);
  for (std::size_t place = 0; place < usual.requests.size(); ++place) {
    for (const auto& trouble : troubles()) {
      RestFixture rest;
      fill(rest, verb);
      rest.options.retry.firstDelay = milliseconds(1);
      rest.options.retry.maxDelay = milliseconds(4);
      std::vector<HttpStep> script(place, HttpStep(HttpFault()));
      script.push_back(trouble.step);
      rest.server.script(std::move(script));
      auto client = rest.client();
      const auto told = verb.call(client);
      CAPTURE(verb.name, place, trouble.name, told.messages, routes(rest.server));
      CHECK(rest.server.scriptLeft() == 0);
      if (trouble.passing) CHECK(told.ok);
      const bool mayHaveArrived = (!trouble.surelyNot || inParts(verb)) && place >= usual.firstWrite;
      checkTruth(verb, told, rest.qdrant, {!trouble.passing && mayHaveArrived});
      CHECK(rest.qdrant.problems() == std::vector<std::string>());
    }
  }
}

TEST_CASE("where a server goes wrong for good, the report says no more and no less than can be known") {
  const auto all = verbs();
  const auto& verb = GENERATE_REF(from_range(all));
  const auto usual = usualCourse(verb);
  for (std::size_t place = 0; place < usual.requests.size(); ++place) {
    for (const auto& trouble : troubles()) {
      RestFixture rest;
      fill(rest, verb);
      rest.options.retry = {milliseconds(1), milliseconds(4), milliseconds(12), milliseconds(12)};
      rest.options.timeout = milliseconds(100);
      std::vector<HttpStep> script(place, HttpStep(HttpFault()));
      script.insert(script.end(), 300, trouble.step);
      rest.server.script(std::move(script));
      auto client = rest.client();
      const auto told = verb.call(client);
      CAPTURE(verb.name, place, trouble.name, told.messages, routes(rest.server));
      CHECK(rest.server.scriptLeft() > 0);
      const bool surelyNot = trouble.surelyNot && !inParts(verb) && place == usual.firstWrite;
      checkTruth(verb, told, rest.qdrant, {!surelyNot && place >= usual.firstWrite});
    }
  }
}
