#include "qbatch/http_server.hpp"

#include <fcntl.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "qbatch/error.hpp"
#include "serve/http_session.hpp"
#include "serve/listen_address.hpp"
#include "serve/option_problems.hpp"

namespace qbatch {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using serve::HttpSession;

std::size_t threadsOf(const HttpServerOptions& options) {
  return options.threads > 0 ? options.threads : std::max<std::size_t>(2, std::thread::hardware_concurrency());
}

/// How often time limits are looked at: often enough for the shortest of them.
std::chrono::milliseconds lookEvery(const HttpServerOptions& options) {
  using namespace std::chrono_literals;
  return std::clamp(std::min(options.requestTimeout, options.idleTimeout) / 4, std::chrono::milliseconds(5ms),
                    std::chrono::milliseconds(250ms));
}

HttpServerOptions checked(HttpServerOptions options) {
  auto problems = serve::problemsOf(options);
  if (!problems.empty()) throw ConfigError(std::move(problems));
  return options;
}

}  // namespace

const std::string* HttpRequest::header(std::string_view name) const noexcept {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& entry) { return entry.first == name; });
  return found == headers.end() ? nullptr : &found->second;
}

struct HttpServer::Impl {
  explicit Impl(HttpServerOptions given)
      : options(checked(std::move(given))),
        acceptor(serve::listenAt(io, options)),
        port(acceptor.local_endpoint().port()),
        home{options, serve::HttpChecks(options, acceptor.local_endpoint().address().is_loopback()), serve::RequestIds(options.idHeader)} {
    home.gate = std::make_shared<serve::Gate>([this](std::function<void()> task) { asio::post(io, std::move(task)); });
    home.work = [this](std::function<void()> task) { asio::post(*workers, std::move(task)); };
    home.ended = [this](const HttpSession& session) { ended(session); };
  }

  void run();
  void accept();
  void onAccepted(const error_code& error, tcp::socket socket);
  void ended(const HttpSession& session);
  void look();
  void beginStop();
  /// Lets the thread end once nothing is left to do.
  void endIfDone();
  template <typename Action>
  void forAll(Action action) {
    std::vector<std::shared_ptr<HttpSession>> present;  // an action may end its session, and so change the map
    for (const auto& [key, session] : sessions) present.push_back(session);
    for (const auto& session : present) action(*session);
  }

  const HttpServerOptions options;
  asio::io_context io{1};
  tcp::acceptor acceptor;
  const std::uint16_t port;
  serve::SessionHome home;
  asio::steady_timer lookTimer{io}, graceTimer{io};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> busy{asio::make_work_guard(io)};
  std::unordered_map<const HttpSession*, std::shared_ptr<HttpSession>> sessions;
  bool accepting = false;
  std::unique_ptr<asio::thread_pool> workers;
  std::thread thread;
  std::once_flag stopped;
};

void HttpServer::Impl::run() {
  for (;;) {
    try {
      io.run();
      return;
    } catch (...) {
      // A lack of memory somewhere in Asio: the connection that it hit is ended by its time limit, the others go on.
    }
  }
}

void HttpServer::Impl::accept() {
  if (home.stopping || accepting || sessions.size() >= options.maxConnections) return;
  accepting = true;
  acceptor.async_accept([this](const error_code& error, tcp::socket socket) { onAccepted(error, std::move(socket)); });
}

void HttpServer::Impl::onAccepted(const error_code& error, tcp::socket socket) {
  accepting = false;
  if (home.stopping) return;
  // Without descriptors or memory for one more connection, look() tries again.
  if (error && error != asio::error::connection_aborted) return;
  if (!error) {
    ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    try {
      const auto session = serve::makeHttpSession(std::move(socket), home);
      sessions.emplace(session.get(), session);
      session->start();
    } catch (const std::bad_alloc&) {
      // This connection is closed with its socket.
    }
  }
  accept();
}

void HttpServer::Impl::ended(const HttpSession& session) {
  sessions.erase(&session);
  accept();
  endIfDone();
}

void HttpServer::Impl::look() {
  lookTimer.expires_after(lookEvery(options));
  lookTimer.async_wait([this](const error_code& error) {
    if (error || !busy) return;
    look();
    forAll([now = HttpSession::Clock::now()](HttpSession& session) { session.expire(now); });
    accept();
  });
}

void HttpServer::Impl::beginStop() {
  home.stopping = true;
  error_code ignored;
  acceptor.close(ignored);
  graceTimer.expires_after(options.grace);
  graceTimer.async_wait([this](const error_code& error) {
    if (!error) forAll([](HttpSession& session) { session.close(); });
  });
  forAll([](HttpSession& session) { session.finish(); });
  endIfDone();
}

void HttpServer::Impl::endIfDone() {
  if (!home.stopping || !sessions.empty()) return;
  lookTimer.cancel();
  graceTimer.cancel();
  busy.reset();
}

HttpServer::HttpServer(HttpServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

HttpServer::~HttpServer() { stop(); }

void HttpServer::start(HttpHandler handler) {
  impl_->home.handler = std::move(handler);
  impl_->workers = std::make_unique<asio::thread_pool>(threadsOf(impl_->options));
  asio::post(impl_->io, [impl = impl_.get()] {
    impl->accept();
    impl->look();
  });
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

std::uint16_t HttpServer::port() const noexcept { return impl_->port; }

std::string HttpServer::url() const { return serve::urlOf(impl_->options.host, impl_->port); }

void HttpServer::stop() {
  std::call_once(impl_->stopped, [&] {
    Impl& impl = *impl_;
    if (impl.thread.joinable()) {
      asio::post(impl.io, [&impl] { impl.beginStop(); });
      impl.thread.join();
    } else {
      error_code ignored;
      impl.acceptor.close(ignored);
    }
    impl.home.gate->close();
    if (impl.workers) {
      impl.workers->stop();
      impl.workers->join();
    }
  });
}

}  // namespace qbatch
