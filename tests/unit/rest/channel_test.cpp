#include "rest/channel.hpp"

#include <atomic>
#include <stdexcept>

#include "support/catch.hpp"
#include "support/channel_calls.hpp"
#include "support/rest_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;
using rest::Answered;
using rest::Call;
using rest::ChannelOptions;
using Kind = Verdict::Kind;

namespace {

/// The values of a header in what was sent.
std::vector<std::string> values(const FakeTransport::Seen& sent, const std::string& name) {
  std::vector<std::string> found;
  for (const auto& header : sent.headers)
    if (header.name == name) found.push_back(header.value);
  return found;
}
using Values = std::vector<std::string>;

}  // namespace

TEST_CASE("a call goes out with method, address, parameters, body and key, and its answer comes back") {
  ChannelOptions options;
  options.apiKey = "s3cret-key";
  options.rest.headers = {{"X-Tenant", "acme"}, {"X-Tenant", "again"}};
  options.urls = {"http://localhost:6333/qdrant"};
  RestRig rig(always(resultOf("true")), options);
  auto call = put();
  call.query = "wait=true";
  const auto answered = send(rig, call);
  CHECK(answered.verdict.kind == Kind::completed);
  CHECK(answered.body == resultOf("true").body);
  CHECK(answered.bytesSent == 102);
  CHECK(answered.bytesReceived == 100 + answered.body.size());
  CHECK(answered.unreadable.kind == Kind::unavailable);
  CHECK(answered.unreadable.maybeApplied);
  const auto sent = rig.record->all().front();
  CHECK(sent.method == "PUT");
  CHECK(sent.url == "http://localhost:6333/qdrant/x?wait=true");
  CHECK(sent.body == "  ");
  CHECK(values(sent, "api-key") == Values{"s3cret-key"});
  CHECK(values(sent, "Content-Type") == Values{"application/json"});
  CHECK(values(sent, "X-Tenant") == Values{"acme", "again"});
  CHECK(values(sent, "Authorization").empty());
}

TEST_CASE("without body there is no content type, without key none is sent") {
  RestRig rig(always(resultOf("true")));
  send(rig, get());
  const auto sent = rig.record->all().front();
  CHECK(sent.url == "http://localhost:6333/x");
  CHECK(sent.headers.empty());
}

TEST_CASE("the bearer token is asked for with each call, and taken out of what the server repeats") {
  Log log;
  ChannelOptions options;
  options.log = log.writer();
  std::atomic<int> asked{0};
  options.rest.bearerToken = [&] { return "t0ken-" + std::to_string(++asked); };
  RestRig rig([](const http::Request& request) { return answer(403, "no right for " + request.headers.at(0).value); }, options);
  const auto first = send(rig, get()), second = send(rig, get());
  CHECK(values(rig.record->all()[0], "Authorization") == Values{"Bearer t0ken-1"});
  CHECK(values(rig.record->all()[1], "Authorization") == Values{"Bearer t0ken-2"});
  for (const auto& answered : {first, second}) {
    CHECK(answered.verdict.kind == Kind::fatal);
    CHECK(answered.verdict.error.serverMessage() == "no right for Bearer ***");
    CHECK_FALSE(hasPart(answered.verdict.error.message(), "t0ken"));
  }
  const std::lock_guard lock(log.mutex);
  REQUIRE(log.lines.size() == 2);
  for (const auto& [level, line] : log.lines) CHECK_FALSE(hasPart(line, "t0ken"));
}

TEST_CASE("a bearer token that cannot be had ends the call before it leaves") {
  ChannelOptions options;
  options.rest.bearerToken = []() -> std::string { throw std::runtime_error("the vault is sealed"); };
  RestRig rig(always(resultOf("true")), options);
  const auto answered = send(rig, put());
  CHECK(answered.verdict.kind == Kind::fatal);
  CHECK(answered.verdict.error.code() == Errc::unauthorized);
  CHECK(answered.verdict.error.origin() == Origin::caller);
  CHECK(hasPart(answered.verdict.error.message(), "the vault is sealed"));
  CHECK_FALSE(answered.verdict.maybeApplied);
  CHECK(rig.record->size() == 0);
}

TEST_CASE("parameters of writes") {
  ChannelOptions options;
  const auto parameters = [&](bool wait, bool strong = false) {
    RestRig rig(always(resultOf("true")), options);
    return rig.stage->channel->writeParameters(wait, strong);
  };
  CHECK(parameters(true) == "wait=true");
  CHECK(parameters(false) == "wait=false");
  CHECK(parameters(true, true) == "wait=true&ordering=strong");
  options.rest.serverTimeout = 1500ms;
  CHECK(parameters(true) == "wait=true&timeout=2");
  options.rest.serverTimeout = 3s;
  options.rest.ordering = WriteOrdering::weak;
  CHECK(parameters(true, true) == "wait=true&ordering=weak&timeout=3");
  options.rest.ordering = WriteOrdering::medium;
  CHECK(parameters(false) == "wait=false&ordering=medium&timeout=3");
  options.rest.ordering = WriteOrdering::strong;
  options.rest.consistency = "all";  // of reads alone
  CHECK(parameters(true) == "wait=true&ordering=strong&timeout=3");
}

TEST_CASE("parameters of reads") {
  ChannelOptions options;
  const auto parameters = [&] {
    RestRig rig(always(resultOf("true")), options);
    return rig.stage->channel->readParameters();
  };
  CHECK(parameters().empty());
  options.rest.consistency = "majority";
  CHECK(parameters() == "consistency=majority");
  options.rest.serverTimeout = 1ms;
  CHECK(parameters() == "consistency=majority&timeout=1");
  options.rest.ordering = WriteOrdering::strong;
  options.rest.consistency.clear();
  CHECK(parameters() == "timeout=1");
}

TEST_CASE("several servers are asked in turn, and one that cannot be reached is left out for a while") {
  ChannelOptions options;
  options.urls = {"http://a:6333", "http://b:6333"};
  std::atomic<bool> broken{false};
  RestRig rig(
      [&](const http::Request& request) {
        return broken && request.url.starts_with("http://a") ? fault(http::Fault::Kind::connect, "a:6333 refused") : resultOf("true");
      },
      options);
  CHECK_FALSE(rig.stage->channel->oneServer());
  for (int i = 0; i < 4; ++i) send(rig, get());
  const auto hosts = [&](std::size_t from) {
    std::string text;
    const auto all = rig.record->all();
    for (auto i = from; i < all.size(); ++i) text += all[i].url.at(7);
    return text;
  };
  CHECK(hosts(0) == "abab");
  broken = true;
  const auto failed = send(rig, get());
  CHECK(failed.verdict.neverConnected);
  CHECK(failed.verdict.kind == Kind::unavailable);
  // Well within the time for which it is passed over.
  for (int i = 0; i < 3; ++i) CHECK(send(rig, get()).verdict.kind == Kind::completed);
  CHECK(hosts(4) == "abbb");
}

TEST_CASE("one server is one server") {
  RestRig rig(always(resultOf("true")));
  CHECK(rig.stage->channel->oneServer());
}

TEST_CASE("log lines say what happened, without secrets, and a logger's failure is none of the call's") {
  Log log;
  ChannelOptions options;
  options.apiKey = "s3cret-key";
  options.rest.headers = {{"X-Token", "0ther-secret"}};
  SECTION("lines") {
    options.log = log.writer();
    RestRig rig(inOrder({resultOf("true"), answer(401, "bad key s3cret-key, bad 0ther-secret"),
                         fault(http::Fault::Kind::reset, "lost with s3cret-key")}),
                options);
    for (int i = 0; i < 3; ++i) send(rig, get("/collections/s3cret-key"));
    const std::lock_guard lock(log.mutex);
    REQUIRE(log.lines.size() == 3);
    CHECK(log.lines[0].first == LogLevel::debug);
    CHECK(log.lines[0].second.starts_with("GET http://localhost:6333/collections/***: 200 after "));
    CHECK(log.lines[1].first == LogLevel::warning);
    CHECK(hasPart(log.lines[1].second, ": 401 after "));
    CHECK(hasPart(log.lines[1].second, "bad key ***, bad ***"));
    CHECK(hasPart(log.lines[2].second, "lost with ***"));
    for (const auto& [level, line] : log.lines) CHECK_FALSE(hasPart(line, "s3cret"));
  }
  SECTION("a logger that throws") {
    options.log = [](LogLevel, std::string_view) { throw std::runtime_error("no room for logs"); };
    RestRig rig(always(resultOf("true")), options);
    CHECK(send(rig, get()).verdict.kind == Kind::completed);
  }
}

TEST_CASE("limits and the largest answer are handed on") {
  std::mutex mutex;
  http::Request seen;
  ChannelOptions options;
  options.rest.maxResponseBytes = 12345;
  RestRig rig(
      [&](const http::Request& request) {
        const std::lock_guard lock(mutex);
        seen = request;
        return resultOf("true");
      },
      options);
  CallLimits limits;
  std::stop_source stop;
  limits.deadline = std::chrono::steady_clock::now() + 1h;
  limits.stop = stop.get_token();
  send(rig, get(), limits);
  const std::lock_guard lock(mutex);
  CHECK(seen.maxResponseBytes == 12345);
  CHECK(seen.deadline == limits.deadline);
  CHECK(seen.stop == limits.stop);
}

TEST_CASE("the answer to a write is short") {
  std::mutex mutex;
  std::size_t most = 0;
  RestRig rig([&](const http::Request& request) {
    const std::lock_guard lock(mutex);
    most = request.maxResponseBytes;
    return resultOf("true");
  });
  send(rig, put());
  CHECK(most == std::size_t{4} << 20);
  send(rig, get());
  CHECK(most == RestOptions().maxResponseBytes);
}

TEST_CASE("a body's memory is used again, empty") {
  RestRig rig(always(resultOf("true")));
  auto& channel = *rig.stage->channel;
  auto first = channel.buffer();
  first->assign(100'000, 'x');
  const auto* const memory = first->data();
  auto second = channel.buffer();
  CHECK(second->data() != memory);
  first.reset();
  auto third = channel.buffer();
  CHECK(third->empty());
  CHECK(third->capacity() >= 100'000);
  CHECK(third->data() == memory);
  third->assign(std::size_t{9} << 20, 'x');  // so much is not kept
  third.reset();
  CHECK(channel.buffer()->capacity() < 100'000);
}

TEST_CASE("a body outlives its channel") {
  std::shared_ptr<std::string> text;
  {
    RestRig rig(always(resultOf("true")));
    text = rig.stage->channel->buffer();
  }
  text->assign(1000, 'x');
  CHECK(text->size() == 1000);
}

TEST_CASE("waking comes at its time or with the stop, never on the caller's own thread") {
  RestRig rig(always(resultOf("true")));
  auto& channel = *rig.stage->channel;
  const auto wake = [&](http::TimePoint time, const std::stop_token& stop) {
    const auto promise = std::make_shared<std::promise<std::thread::id>>();
    channel.wakeAt(time, stop, [promise] { promise->set_value(std::this_thread::get_id()); });
    return promise->get_future();
  };
  const auto due = std::chrono::steady_clock::now() + 20ms;
  CHECK(wake(due, {}).get() != std::this_thread::get_id());
  CHECK(std::chrono::steady_clock::now() >= due);
  std::stop_source stop;
  auto later = wake(http::TimePoint::max(), stop.get_token());
  CHECK(later.wait_for(20ms) == std::future_status::timeout);
  stop.request_stop();
  CHECK(later.wait_for(60s) == std::future_status::ready);
}

TEST_CASE("a stopped call comes back as cancelled, known not to have left where it had not") {
  RestRig rig([](const http::Request&) { return std::nullopt; });
  std::stop_source stop;
  CallLimits limits;
  limits.stop = stop.get_token();
  const auto promise = std::make_shared<std::promise<Answered>>();
  rig.stage->channel->send(put(), limits, [promise](Answered answered) { promise->set_value(std::move(answered)); });
  while (rig.record->size() == 0) std::this_thread::sleep_for(1ms);
  stop.request_stop();
  const auto underWay = promise->get_future().get();
  CHECK(underWay.verdict.error.code() == Errc::cancelled);
  CHECK_FALSE(underWay.verdict.neverSent);
  CHECK(underWay.verdict.maybeApplied);
  const auto before = send(rig, put(), limits);
  CHECK(before.verdict.neverSent);
  CHECK_FALSE(before.verdict.maybeApplied);
}
