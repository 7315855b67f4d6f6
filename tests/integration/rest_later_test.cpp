// Servers that ask for patience: 503 for a while, and 429 with a time before which nothing may be sent.
#ifdef QBATCH_WITH_SERVE
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/rest_verbs.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Steady = std::chrono::steady_clock;
using System = std::chrono::system_clock;

namespace {

HttpAnswer busy() { return {503, {}, R"({"status":{"error":"Service unavailable: recovering"},"time":0.0})", false, {}}; }
HttpAnswer later(const std::string& when) {
  return {
      429, {{"Retry-After", when}}, R"({"status":{"error":"Rate limiting exceeded: Write rate limit exceeded"},"time":0.0})", false, {}};
}

/// As in RFC 9110: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string httpDate(System::time_point time) {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = System::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

/// How a 429 names its time.
enum class Form { seconds, date };

/// A server that answers one request with 429, and the requests that came before the time that it asked for. Those are answered when the
/// time has come: so what was in flight beside that one request makes no room for others before.
class AskingLater {
 public:
  AskingLater(FakeQdrant& qdrant, std::size_t place, Form form)
      : place_(place), form_(form), server_([&](const Exchange& exchange) {
          const auto refusal = arrived(exchange);
          if (refusal) return *refusal;
          awaitTime();
          return qdrant.answer(exchange);
        }) {}

  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] bool refused() const {
    const std::lock_guard lock(mutex_);
    return number_ > place_;
  }
  /// What came before its time.
  [[nodiscard]] std::vector<std::string> early() const {
    const std::lock_guard lock(mutex_);
    return early_;
  }

 private:
  std::optional<HttpAnswer> arrived(const Exchange& exchange) {
    const std::lock_guard lock(mutex_);
    if (number_++ == place_) {
      if (form_ == Form::seconds) {
        notBefore_ = Steady::now() + std::chrono::seconds(1);
        return later("1");
      }
      // In one to two seconds: dates have no parts of seconds.
      date_ = std::chrono::floor<std::chrono::seconds>(System::now()) + std::chrono::seconds(2);
      return later(httpDate(date_));
    }
    if (Steady::now() < notBefore_ || System::now() < date_) early_.push_back(exchange.method + " " + exchange.path);
    return std::nullopt;
  }

  void awaitTime() {
    std::unique_lock lock(mutex_);
    const auto steady = notBefore_;
    const auto date = date_;
    lock.unlock();
    std::this_thread::sleep_until(steady);
    std::this_thread::sleep_until(date);
  }

  const std::size_t place_;
  const Form form_;
  mutable std::mutex mutex_;
  std::size_t number_ = 0;
  Steady::time_point notBefore_{};
  System::time_point date_{};
  std::vector<std::string> early_{};
  test::HttpServer server_;  // last: its threads use the rest
};

/// One call of a verb of which one request is answered with 429.
struct Play {
  Play(const RestVerb& what, const VerbCall& call, std::size_t place, Form form, std::size_t inFlight = 1) : verb(what) {
    fillFor(rest, verb, call.items);
    asking.emplace(rest.qdrant, place, form);
    rest.options.url = asking->url();
    rest.options.flow.maxInFlight = inFlight;
    rest.options.flow.adaptive = false;  // fewer at once would hide that one comes early
    rest.options.retry.firstDelay = rest.options.retry.maxDelay = milliseconds(1);
    client.emplace(rest.client());
    running = verb.begin(*client, call);
  }

  const RestVerb& verb;
  RestFixture rest{};
  std::optional<AskingLater> asking{};
  std::optional<BatchClient> client{};
  RunningVerb running{};
};

}  // namespace

TEST_CASE("a server that answers 503 to some requests in a row, and then is well: all is carried out") {
  const auto all = everyVerb();
  const auto& verb = GENERATE_REF(from_range(all));
  const VerbCall call{20, 5};
  for (const std::size_t inFlight : {1u, 4u}) {
    for (const std::size_t place : {0u, 2u, 6u}) {
      RestFixture rest;
      fillFor(rest, verb, call.items);
      rest.options.flow.maxInFlight = inFlight;
      rest.options.retry.firstDelay = milliseconds(1);
      rest.options.retry.maxDelay = milliseconds(10);
      std::vector<HttpStep> script(place, HttpStep(HttpFault()));
      script.insert(script.end(), 7, HttpStep(busy()));
      rest.server.script(std::move(script));
      auto client = rest.client();
      const auto end = verb.begin(client, call).end();
      CAPTURE(verb.name, inFlight, place, routes(rest.server));
      CHECK(end.ok);
      checkTruth(verb, end, rest.qdrant);
    }
  }
}

TEST_CASE("a server that answers 503 to everything for a while, and then is well: all is carried out") {
  const auto all = everyVerb();
  const VerbCall call{20, 5};
  const auto well = Steady::now() + milliseconds(400);
  std::vector<std::unique_ptr<RestFixture>> rests;
  std::vector<std::unique_ptr<test::HttpServer>> servers;
  std::vector<std::unique_ptr<BatchClient>> clients;
  std::vector<RunningVerb> running;
  for (const auto& verb : all) {
    auto& rest = *rests.emplace_back(std::make_unique<RestFixture>());
    fillFor(rest, verb, call.items);
    servers.push_back(std::make_unique<test::HttpServer>(
        [&, well](const Exchange& exchange) { return Steady::now() < well ? busy() : rest.qdrant.answer(exchange); }));
    rest.options.url = servers.back()->url();
    rest.options.retry.firstDelay = milliseconds(5);
    rest.options.retry.maxDelay = milliseconds(50);
    running.push_back(verb.begin(*clients.emplace_back(std::make_unique<BatchClient>(rest.client())), call));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto end = running[i].end();
    CAPTURE(all[i].name);
    CHECK(end.ok);
    checkTruth(all[i], end, rests[i]->qdrant);
  }
}

namespace {

/// All at once, as each waits for a second or two: the calls of which the request at a place is answered with 429.
class Plays {
 public:
  explicit Plays(Form form) : form_(form) {}
  void begin(const RestVerb& verb, const VerbCall& call, std::size_t place) {
    plays_.push_back(std::make_unique<Play>(verb, call, place, form_));
    places_.push_back(place);
  }
  void check() {
    for (std::size_t i = 0; i < plays_.size(); ++i) {
      const auto end = plays_[i]->running.end();
      CAPTURE(plays_[i]->verb.name, places_[i], form_ == Form::date);
      CHECK(plays_[i]->asking->refused());
      CHECK(plays_[i]->asking->early() == std::vector<std::string>());
      CHECK(end.ok);
      checkTruth(plays_[i]->verb, end, plays_[i]->rest.qdrant);
    }
  }

 private:
  Form form_;
  std::vector<std::unique_ptr<Play>> plays_{};
  std::vector<std::size_t> places_{};
};

bool isUpdate(const RestVerb& verb) { return std::string_view(verb.name) == "update"; }

}  // namespace

TEST_CASE("429 with Retry-After: nothing is sent before that time, whichever request it was") {
  Plays plays(GENERATE(Form::seconds, Form::date));
  const auto all = everyVerb();
  const VerbCall call{3};
  for (const auto& verb : all) {
    const std::size_t places = isUpdate(verb) ? 1 : usualRequests(verb, call).size();  // of an update's other requests, see below
    for (std::size_t place = 0; place < places; ++place) plays.begin(verb, call, place);
  }
  plays.check();
}

TEST_CASE("429 with Retry-After in the middle of an update: nothing is sent before that time") {
  Plays plays(GENERATE(Form::seconds, Form::date));
  const auto all = everyVerb();
  const auto& update = *std::find_if(all.begin(), all.end(), isUpdate);
  const VerbCall call{3};
  for (std::size_t place = 1; place < usualRequests(update, call).size(); ++place) plays.begin(update, call, place);
  plays.check();
}

TEST_CASE("429 with Retry-After holds for the whole batch: only what is in flight may still arrive") {
  const auto form = GENERATE(Form::seconds, Form::date);
  const auto all = everyVerb();
  const VerbCall call{40, 4};
  constexpr std::size_t inFlight = 4;
  std::vector<std::unique_ptr<Play>> plays;
  for (const auto& verb : all)
    if (!isUpdate(verb)) plays.push_back(std::make_unique<Play>(verb, call, 5, form, inFlight));
  for (const auto& play : plays) {
    const auto end = play->running.end();
    CAPTURE(play->verb.name, play->asking->early());
    CHECK(play->asking->early().size() < inFlight);
    CHECK(end.ok);
    checkTruth(play->verb, end, play->rest.qdrant);
  }
}
#endif
