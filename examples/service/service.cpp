#include "service.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <string_view>
#include <thread>
#include <utility>

#include "router.hpp"
#include "session.hpp"

namespace service {
namespace {

qbatch::ClientOptions clientOptions(const ServiceSettings& settings, std::shared_ptr<qbatch::Backend> backend) {
  qbatch::ClientOptions options;
  options.backend = std::move(backend);
  options.collection = settings.work.collection;
  options.embedder = settings.work.embedder;
  options.allowOtherEmbedder = settings.work.allowOtherEmbedder;
  options.limits = settings.limits;
  // A store that is gone is to be told of by its cause, before the time of the request is over.
  options.retry.patience = std::min(settings.requestTime / 2, std::chrono::milliseconds(30000));
  return options;
}

std::vector<std::string> keysOf(const qbatch::HttpRequest& request) {
  std::vector<std::string> keys;
  for (const auto& [name, value] : request.headers)
    if (name == "idempotency-key") keys.push_back(value);
  return keys;
}

/// What the library says of its options in the words of requests.
std::string inRequests(std::string text) {
  if (const auto at = text.find("minScore"); at != std::string::npos) text.replace(at, 8, "min_score");
  return text;
}

/// They write answers: what has to be waited for, the library waits for.
std::size_t workersOf() { return std::max<std::size_t>(2, std::thread::hardware_concurrency()); }

qbatch::HttpServerOptions serverOptions(const ServiceSettings& settings, std::function<void(const qbatch::HttpExchange&)> served) {
  auto options = settings.http;
  options.openPaths = {"/healthz", "/readyz"};
  // They read bodies. More than there are cores, so that a probe is answered while large bodies are read.
  options.threads = std::max<std::size_t>(4, 2 * std::thread::hardware_concurrency());
  options.idHeader = "x-request-id";
  options.refusal = [](int status, std::string_view sentence) {
    constexpr std::string_view remedy = " Send it in smaller requests, or start the service with a larger --max-body.";
    return errorAnswer(status, status == 413 ? std::string(sentence) + std::string(remedy) : std::string(sentence));
  };
  options.served = std::move(served);
  return options;
}

/// For figures: anybody may send any method.
std::string_view knownMethod(std::string_view method) noexcept {
  for (const std::string_view known : {"GET", "POST", "DELETE", "HEAD"})
    if (method == known) return known;
  return "other";
}

}  // namespace

Service::Service(ServiceSettings settings)
    : settings_(std::move(settings)),
      workers_(workersOf()),
      tools_(makeTools()),
      answers_({.file = settings_.state, .maxBytes = settings_.state == ":memory:" ? std::size_t{64} << 20 : std::size_t{1} << 30}),
      keyed_(answers_, figures_, tools_.post),
      server_(serverOptions(settings_, [this](const qbatch::HttpExchange& exchange) { served(exchange); })) {
  if (settings_.accessLog) log_.emplace(STDERR_FILENO);
}

Tools Service::makeTools() {
  auto backend = cli::openBackend(settings_.work, true);
  qbatch::BatchClient client(clientOptions(settings_, backend));
  auto collections = client.collections();
  const auto post = [this](std::function<void()> task) { boost::asio::post(workers_, std::move(task)); };
  return {.figures = figures_,
          .draining = draining_,
          .post = post,
          .stop = stop_.get_token(),
          .requestTime = settings_.requestTime,
          .limits = settings_.limits,
          .maxHits = settings_.maxHits,
          .collection = settings_.work.collection,
          .backend = std::move(backend),
          .collections = std::move(collections),
          .client = std::move(client)};
}

Service::~Service() { drain(); }

void Service::start() {
  server_.start([this](qbatch::HttpRequest request, const qbatch::Respond& respond) { handle(std::move(request), respond); });
}

void Service::drain() {
  if (!draining_.exchange(true)) std::this_thread::sleep_for(settings_.drainDelay);
  server_.stop();
  // Whoever is still at work has nobody to answer; what became of it is remembered all the same, where it has a key.
  stop_.request_stop();
  figures_.waitUntilIdle();
  workers_.join();
}

void Service::carryOut(const Route& route, Call call) {
  const auto reply = call.reply;
  const auto refused = guarded([&] {
    try {
      route.handler(tools_, std::move(call));
    } catch (const qbatch::ConfigError& error) {
      // What cannot work, whatever is stored: a limit of 0, two ways to name a collection.
      throw Refusal(400, inRequests(error.what()));
    }
    return Answer{{.status = 0}};
  });
  if (refused.response.status != 0) give(reply, refused);
}

void Service::handle(qbatch::HttpRequest request, const qbatch::Respond& respond) {
  auto destination = find(request);
  if (destination.route == nullptr) return respond(std::move(destination.refusal));
  const auto& route = *destination.route;
  const auto keys = keysOf(request);
  figures_.began();
  const std::shared_ptr<void> running(nullptr, [&figures = figures_](void*) { figures.ended(); });
  Call call{std::move(request), std::move(destination.parameters), [respond, running](const Answer& answer) { respond(answer.response); }};
  if (keys.empty() || route.method != "POST") return carryOut(route, std::move(call));
  const auto reply = call.reply;
  const auto refused = guarded([&] {
    if (keys.size() > 1) throw Refusal(400, "one Idempotency-Key is enough");
    keyed_.ask(keys.front(), route, std::move(call), [this, &route](Call one) { carryOut(route, std::move(one)); });
    return Answer{{.status = 0}};
  });
  if (refused.response.status != 0) give(reply, refused);
}

void Service::served(const qbatch::HttpExchange& exchange) {
  figures_.request(knownMethod(exchange.method), patternOf(exchange.path), exchange.status, exchange.time, exchange.bytesReceived,
                   exchange.bytesSent);
  if (log_) log_->add(exchange);
}

}  // namespace service
