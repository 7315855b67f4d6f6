#include "service.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstdio>
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
  return options;
}

/// For JSON alone: what has to be waited for, the library waits for.
std::size_t workersOf() { return std::max<std::size_t>(2, std::thread::hardware_concurrency()); }

qbatch::HttpServerOptions serverOptions(const ServiceSettings& settings, std::function<void(const qbatch::HttpExchange&)> served) {
  auto options = settings.http;
  options.openPaths = {"/healthz", "/readyz"};
  options.idHeader = "x-request-id";
  options.refusal = [](int status, std::string_view sentence) { return errorAnswer(status, sentence); };
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
      answers_({.file = settings_.state}),
      keyed_(answers_, figures_, tools_.post),
      server_(serverOptions(settings_, [this](const qbatch::HttpExchange& exchange) { served(exchange); })) {
  if (settings_.accessLog) log_.emplace(stderr);
}

Tools Service::makeTools() {
  auto backend = cli::openBackend(settings_.work, true);
  qbatch::BatchClient client(clientOptions(settings_, backend));
  auto collections = client.collections();
  const auto post = [this](std::function<void()> task) { boost::asio::post(workers_, std::move(task)); };
  return {figures_,
          draining_,
          post,
          stop_.get_token(),
          settings_.requestTime,
          settings_.limits,
          settings_.work.collection,
          std::move(backend),
          std::move(collections),
          std::move(client)};
}

Service::~Service() { drain(); }

void Service::start() {
  server_.start([this](qbatch::HttpRequest request, const qbatch::Respond& respond) { handle(std::move(request), respond); });
}

void Service::drain() {
  if (!draining_.exchange(true)) std::this_thread::sleep_for(settings_.drainDelay);
  server_.stop();
  // Whoever is still at work has nobody to answer; what became of it is remembered all the same, where it has a key. The client waits for
  // its calls, and the workers end when they have written what these ended with.
  stop_.request_stop();
  { const qbatch::BatchClient last(std::move(tools_.client)); }
  workers_.join();
}

void Service::begin(const Route& route, Call call) {
  try {
    route.handler(tools_, std::move(call));
  } catch (const qbatch::ConfigError& error) {
    // What cannot work, whatever is stored: a limit of 0, two ways to name a collection.
    throw Refusal(400, error.what());
  }
}

void Service::handle(qbatch::HttpRequest request, const qbatch::Respond& respond) {
  auto destination = find(request);
  if (destination.route == nullptr) return respond(std::move(destination.refusal));
  const auto& route = *destination.route;
  std::optional<std::string> key;
  if (const auto* given = request.header("idempotency-key"); given != nullptr && route.method == "POST") key = *given;
  Call call{std::move(request), std::move(destination.parameters), [respond](const Answer& answer) { respond(answer.response); }};
  const auto carryOut = [this, &route](Call one) {
    const auto reply = one.reply;
    const auto begun = guarded([&] {
      begin(route, std::move(one));
      return Answer{{.status = 0}};
    });
    if (begun.response.status != 0) reply(begun);
  };
  if (!key) return carryOut(std::move(call));
  const auto reply = call.reply;
  const auto asked = guarded([&] {
    keyed_.ask(*key, route, std::move(call), carryOut);
    return Answer{{.status = 0}};
  });
  if (asked.response.status != 0) reply(asked);
}

void Service::served(const qbatch::HttpExchange& exchange) {
  const auto path = std::string_view(exchange.target).substr(0, exchange.target.find('?'));
  figures_.request(knownMethod(exchange.method), patternOf(path), exchange.status, exchange.time, exchange.bytesReceived,
                   exchange.bytesSent);
  if (log_) log_->add(exchange);
}

}  // namespace service
