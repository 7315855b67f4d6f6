#include "qbatch/local_server.hpp"

#include <mutex>
#include <optional>
#include <utility>

#include "qbatch/error.hpp"
#include "qbatch/http_server.hpp"
#include "serve/api.hpp"
#include "serve/option_problems.hpp"

namespace qbatch {
namespace {

HttpServerOptions httpOptions(const LocalServerOptions& options) {
  return {.host = options.host,
          .port = options.port,
          .apiKey = options.apiKey,
          .openPaths = {"/", "/healthz", "/readyz", "/livez"},  // as Qdrant
          .maxBodyBytes = options.maxRequestBytes,
          .allowedHosts = options.allowedHosts,
          .allowUnprotected = options.allowUnprotected,
          .threads = options.threads,
          .maxConnections = options.maxConnections,
          .requestTimeout = options.requestTimeout,
          .idleTimeout = options.idleTimeout,
          .grace = options.grace};
}

HttpServerOptions checkedOptions(const LocalServerOptions& options) {
  auto http = httpOptions(options);
  auto problems = serve::problemsOf(http, "maxRequestBytes");
  if (options.file.empty()) problems.emplace_back("file: a file's name is needed, or :memory:");
  if (!problems.empty()) throw ConfigError(std::move(problems));
  return http;
}

}  // namespace

struct LocalServer::Impl {
  // The port is taken first, so that options that cannot work leave no new file behind.
  explicit Impl(const LocalServerOptions& options) : server(checkedOptions(options)) {
    api.emplace(options.file);
    server.start([this](HttpRequest request, Respond respond) { api->handle(std::move(request), std::move(respond)); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { stop(); }

  void stop() {
    server.stop();  // no handler runs any more
    std::call_once(closed, [this] { api.reset(); });
  }

  HttpServer server;
  std::optional<serve::Api> api;
  std::once_flag closed;
};

LocalServer::LocalServer(LocalServerOptions options) : impl_(std::make_unique<Impl>(options)) {}
LocalServer::LocalServer(LocalServer&&) noexcept = default;
LocalServer& LocalServer::operator=(LocalServer&&) noexcept = default;
LocalServer::~LocalServer() = default;

std::uint16_t LocalServer::port() const noexcept { return impl_ ? impl_->server.port() : std::uint16_t{0}; }
std::string LocalServer::url() const { return impl_ ? impl_->server.url() : std::string(); }
void LocalServer::stop() {
  if (impl_) impl_->stop();
}

}  // namespace qbatch
