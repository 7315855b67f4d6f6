// Each request of every verb meets what takes a server of its own: it is carried out twice, in part or later, answered after the client has
// left, refused for its size, or answered with what is no answer. What the report then says is compared with what the server holds.
#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "integration/rest_faults.hpp"
#include "support/faulty_parcel.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace qbatch::test::scripted;

namespace {

struct Mishap {
  const char* name;
  std::function<HttpAnswer(FakeQdrant&, const Exchange&)> act;
  std::function<bool(const Exchange&)> fits;
  enum class Kind {
    passing,  // once, all is well; for ever, nothing can be known of a write
    refusal,  // the same, but it is known that nothing was carried out
    forGood,  // what it is waited for takes longer than a test; nothing was carried out
    logged,   // success is not confirmed
    once,     // what no server would do again and again
  } kind = Kind::passing;
};
using Kind = Mishap::Kind;

HttpAnswer answer(int status, std::string body) { return {status, {}, std::move(body), false, {}}; }

HttpAnswer twice(FakeQdrant& qdrant, const Exchange& exchange) {
  static_cast<void>(qdrant.answer(exchange));
  return qdrant.answer(exchange);
}

HttpAnswer answeredTwice(FakeQdrant& qdrant, const Exchange& exchange) {
  auto given = qdrant.answer(exchange);
  given.fault.copies = 2;
  return given;
}

// The connection is lost behind a request that reached the server twice.
HttpAnswer twiceAndLost(FakeQdrant& qdrant, const Exchange& exchange) {
  auto given = twice(qdrant, exchange);
  given.fault.noAnswer = true;
  given.fault.cut = Cut::reset;
  return given;
}

// Longer than the client waits.
HttpAnswer tooLate(FakeQdrant& qdrant, const Exchange& exchange) {
  auto given = qdrant.answer(exchange);
  given.fault.delay = milliseconds(400);
  return given;
}

HttpAnswer byteForByte(FakeQdrant& qdrant, const Exchange& exchange) {
  auto given = qdrant.answer(exchange);
  given.fault.trickle = milliseconds(1);
  return given;
}

HttpAnswer noResult(FakeQdrant& qdrant, const Exchange& exchange) {
  static_cast<void>(qdrant.answer(exchange));
  return answer(200, R"({"result":null,"status":"ok","time":0.0})");
}

HttpAnswer rubbish(FakeQdrant& qdrant, const Exchange& exchange) {
  static_cast<void>(qdrant.answer(exchange));
  return answer(200, R"({"result":[)" + std::string(20u << 20, '[') + "}");
}

HttpAnswer half(FakeQdrant& qdrant, const Exchange& exchange) {
  auto some = exchange;
  some.body = keepPoints(exchange.body, [](const PointId& id) { return id.number() % 2 == 1; });
  if (!some.body.empty()) static_cast<void>(qdrant.answer(some));
  return answer(400, R"({"status":{"error":"Wrong input: Not existing vector name error: code"},"time":0.0})");
}

HttpAnswer applied(FakeQdrant& qdrant, const Exchange& exchange, const std::string& status) {
  auto given = qdrant.answer(exchange);
  const std::string completed = "completed";
  for (auto at = given.body.find(completed); at != std::string::npos; at = given.body.find(completed))
    given.body.replace(at, completed.size(), status);
  return given;
}

HttpAnswer waitedTooLong(FakeQdrant& qdrant, const Exchange& exchange) { return applied(qdrant, exchange, "wait_timeout"); }
HttpAnswer acknowledged(FakeQdrant& qdrant, const Exchange& exchange) { return applied(qdrant, exchange, "acknowledged"); }

// In the log: the next request of any kind finds it applied.
HttpAnswer laterApplied(FakeQdrant& qdrant, const Exchange& exchange) {
  qdrant.setPace([](const Exchange&) { return FakeQdrant::Pace::held; });
  auto given = qdrant.answer(exchange);
  qdrant.setPace({});
  return given;
}

HttpAnswer full(FakeQdrant&, const Exchange&) {
  return answer(507,
                R"({"status":{"error":"Insufficient Storage: No space left on device: WAL buffer size exceeds available disk space"}})");
}
HttpAnswer tooLarge(FakeQdrant&, const Exchange&) { return answer(413, "Payload Too Large"); }

bool any(const Exchange&) { return true; }
bool isUpsert(const Exchange& exchange) { return exchange.method == "PUT" && exchange.path.ends_with("/points"); }
// What can be sent in less than one piece: not what asks for a collection, a page or a count, nor changes that are all alike.
bool isDivisible(const Exchange& exchange) {
  const auto ends = [&](std::string_view end) { return exchange.path.ends_with(end); };
  return isUpsert(exchange) || ends("/points/delete") || ends("/query/batch") || (exchange.method == "POST" && ends("/points"));
}
bool isLookUpOrQuery(const Exchange& exchange) { return !changesPoints(exchange) && isDivisible(exchange); }

std::vector<Mishap> mishaps() {
  return {
      {"carried out twice", twice, any},
      {"answered twice", answeredTwice, any},
      {"carried out twice, then reset", twiceAndLost, changesPoints},
      {"answered too late", tooLate, changesPoints},
      {"answered one byte at a time", byteForByte, changesPoints, Kind::once},
      {"carried out, result is null", noResult, any},
      {"carried out, 20 MB of rubbish", rubbish, changesPoints, Kind::once},
      {"20 MB of rubbish", rubbish, isLookUpOrQuery, Kind::once},
      {"half carried out, 400", half, isUpsert, Kind::once},
      {"wait_timeout", waitedTooLong, changesPoints, Kind::logged},
      {"acknowledged", acknowledged, changesPoints, Kind::logged},
      {"applied later", laterApplied, changesPoints, Kind::logged},
      {"507", full, any, Kind::forGood},
      {"413", tooLarge, isDivisible, Kind::refusal},
  };
}

/// A server that has one mishap at request `from`, and at every one after it that fits where it lasts.
struct Course {
  const Mishap& mishap;
  const std::size_t from;
  const bool lasts;
  std::atomic<bool> begun = false, met = false;
  std::atomic<std::size_t> count = 0;

  HttpAnswer operator()(FakeQdrant& qdrant, const Exchange& exchange) {
    if (!begun) return qdrant.answer(exchange);
    qdrant.applyHeld();
    const auto place = count++;
    if (lasts ? place < from : place != from) return qdrant.answer(exchange);
    if (!mishap.fits(exchange)) return qdrant.answer(exchange);
    met = true;
    return mishap.act(qdrant, exchange);
  }
};

// An update has one time-out for all that it takes: where an answer comes too late, none is left to look what came of it.
bool isTooLate(const Mishap& mishap) { return std::string_view(mishap.name) == "answered too late"; }

void play(const Verb& verb, const Mishap& mishap, std::size_t place, bool lasts, const Usual& usual) {
  Course course{mishap, place, lasts};
  RestFixture rest({}, [&](FakeQdrant& qdrant, const Exchange& exchange) { return course(qdrant, exchange); });
  fill(rest, verb);
  const auto patience = lasts ? milliseconds(12) : milliseconds(120000);
  rest.options.retry = {milliseconds(1), milliseconds(4), patience, patience};
  if (lasts || isTooLate(mishap)) rest.options.timeout = milliseconds(lasts ? 100 : 200);
  course.begun = true;
  auto client = rest.client();
  const auto told = verb.call(client);
  rest.qdrant.applyHeld();
  CAPTURE(verb.name, place, mishap.name, lasts, told.messages, routes(rest.server));
  CHECK(course.met);
  const bool well = !lasts && !(inParts(verb) && isTooLate(mishap));
  if (well) CHECK(told.ok);
  Open open;
  const bool surelyNot = mishap.kind != Kind::passing && !inParts(verb) && place <= usual.firstWrite;
  open.unknown = !well && !surelyNot && place >= usual.firstWrite;
  open.accepted = mishap.kind == Kind::logged && lasts;
  checkTruth(verb, told, rest.qdrant, open);
  CHECK(rest.qdrant.problems() == std::vector<std::string>());
}

}  // namespace

TEST_CASE("a mishap at each request in turn is made good") {
  const auto all = verbs();
  const auto& verb = GENERATE_REF(from_range(all));
  const auto usual = usualCourse(verb);
  for (const auto& mishap : mishaps())
    for (std::size_t place = 0; place < usual.requests.size(); ++place)
      if (mishap.kind != Kind::forGood && mishap.fits(usual.requests[place])) play(verb, mishap, place, false, usual);
}

TEST_CASE("where a mishap lasts, the report says no more and no less than can be known") {
  const auto all = verbs();
  const auto& verb = GENERATE_REF(from_range(all));
  const auto usual = usualCourse(verb);
  for (const auto& mishap : mishaps())
    for (std::size_t place = 0; place < usual.requests.size(); ++place)
      if (mishap.kind != Kind::once && mishap.fits(usual.requests[place])) play(verb, mishap, place, true, usual);
}
