#include "serve/http_session.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "serve/exchange_record.hpp"
#include "serve/http_answers.hpp"
#include "serve/listen_address.hpp"
#include "serve/plain_body.hpp"
#include "serve/request_head.hpp"
#include "serve/request_parser.hpp"

// With its parser the only place that knows Beast, which takes long to compile.
namespace qbatch::serve {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Clock = HttpSession::Clock;

constexpr std::size_t firstRead = 4u << 10, mostBuffered = 64u << 10;
constexpr std::chrono::seconds lingerTime{2};
constexpr int mostSilences = 10;  // a body may take so many times the time limit in all

class Session final : public HttpSession, public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, SessionHome& home)
      : socket_(std::move(socket)),
        home_(home),
        record_(home.options, otherEndOf(socket_)),
        buffer_(std::max(mostBuffered, home.options.maxHeadBytes)) {}

  void start() override { guarded(&Session::awaitRequest); }
  void finish() override {
    if (state_ == State::idle || state_ == State::lingering) close();
  }
  void close() override;
  void expire(Clock::time_point now) override;

 private:
  enum class State { idle, head, body, running, writing, lingering, closed };
  static constexpr auto never = Clock::time_point::max();

  void enter(State state, Clock::time_point deadline) {
    state_ = state;
    deadline_ = deadline;
    timedOut_ = false;
  }
  [[nodiscard]] Clock::time_point inTime() const { return Clock::now() + home_.options.requestTimeout; }

  /// A fault, which can only be a lack of memory, ends this connection and no other.
  template <typename... Parameters, typename... Arguments>
  void guarded(void (Session::*step)(Parameters...), Arguments&&... arguments) noexcept {
    try {
      (this->*step)(std::forward<Arguments>(arguments)...);
    } catch (...) {
      close();
    }
  }
  /// A completion handler that goes on with `step`.
  template <typename Step>
  auto then(Step step) {
    return [self = shared_from_this(), step](const error_code& error, std::size_t bytes) {
      if (self->state_ != State::closed) self->guarded(step, error, bytes);
    };
  }

  /// What came of the body.
  void noteReceived() noexcept {
    if (parser_) record_.received(head_.chunked ? parser_->get().body().size() : plain_.received());
  }

  void awaitRequest();
  void onFirstBytes(const error_code& error, std::size_t bytes);
  void readHead();
  void onHead(const error_code& error, std::size_t);
  void inviteBody();
  void onInvited(const error_code& error, std::size_t);
  void readBody();
  void onBody(const error_code& error, std::size_t);
  void readPlainBody();
  void onPlainBody(const error_code& error, std::size_t bytes);
  void onReadFault(const error_code& error);
  void dispatch();
  void onAnswer(ReadyAnswer answer);
  void refuse(const Refusal& refusal);
  void write(ReadyAnswer answer);
  void onWritten(const error_code& error, std::size_t bytes);
  void noteSent(std::size_t bytes) noexcept { record_.sent(bytes - std::min(bytes, answerHead_.size())); }
  void linger();
  void onLingered(const error_code& error, std::size_t);

  tcp::socket socket_;
  SessionHome& home_;
  State state_ = State::idle;
  Clock::time_point deadline_ = never, bodyDeadline_ = never;
  bool timedOut_ = false;
  bool unread_ = false;     // there may be more of the request that was answered
  bool keepAlive_ = false;  // after the present answer
  ExchangeRecord record_;
  boost::beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
  PlainBody plain_;
  RequestHead head_;
  std::string id_;
  std::string answerHead_, answerBody_;
};

void Session::close() {
  if (state_ == State::closed) return;
  noteReceived();
  record_.end(true);
  enter(State::closed, never);
  error_code ignored;
  socket_.close(ignored);
  home_.ended(*this);
}

void Session::expire(Clock::time_point now) {
  if (now < deadline_ || state_ == State::closed) return;
  // The second time there was nothing that could be cancelled.
  if ((state_ != State::head && state_ != State::body) || timedOut_) return close();
  timedOut_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Session::awaitRequest() {
  parser_.emplace();
  plain_ = {};
  // The body's limit is looked at when its size is known, to name that; "no limit" would refuse every length in Boost 1.74.
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  parser_->header_limit(static_cast<std::uint32_t>(home_.options.maxHeadBytes));
  if (buffer_.size() > 0) return readHead();
  if (home_.stopping) return close();
  enter(State::idle, Clock::now() + home_.options.idleTimeout);
  buffer_.shrink_to_fit();
  socket_.async_read_some(buffer_.prepare(firstRead), then(&Session::onFirstBytes));
}

void Session::onFirstBytes(const error_code& error, std::size_t bytes) {
  if (error) return close();
  buffer_.commit(bytes);
  readHead();
}

void Session::readHead() {
  record_.begin();
  enter(State::head, inTime());
  http::async_read_header(socket_, buffer_, *parser_, then(&Session::onHead));
}

void Session::onHead(const error_code& error, std::size_t) {
  head_ = error ? RequestHead{} : headOf(*parser_);
  id_ = home_.ids.of(head_);
  record_.read(head_, id_);
  if (error) return onReadFault(error);
  if (const auto refusal = home_.checks.refusalOf(head_)) return refuse(*refusal);
  if (parser_->is_done()) return dispatch();
  parser_->body_limit(home_.options.maxBodyBytes);
  bodyDeadline_ = Clock::now() + home_.options.requestTimeout * mostSilences;
  if (!head_.chunked) plain_.begin(parser_->get().body(), static_cast<std::size_t>(head_.contentLength.value_or(0)));
  if (head_.field("expect") != nullptr && !head_.oldProtocol && buffer_.size() == 0) return inviteBody();
  readBody();
}

void Session::inviteBody() {
  enter(State::writing, inTime());
  static constexpr std::string_view invitation = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(invitation), then(&Session::onInvited));
}

void Session::onInvited(const error_code& error, std::size_t) {
  if (error) return close();
  readBody();
}

void Session::readBody() {
  if (!head_.chunked) return readPlainBody();
  enter(State::body, std::min(inTime(), bodyDeadline_));
  http::async_read_some(socket_, buffer_, *parser_, then(&Session::onBody));
}

void Session::onBody(const error_code& error, std::size_t) {
  if (error) return onReadFault(error);
  if (parser_->is_done()) return dispatch();
  readBody();
}

// A body of known length needs no parser.
void Session::readPlainBody() {
  const auto room = plain_.room();
  if (const auto ready = std::min(buffer_.size(), room.size()); ready > 0) {
    plain_.add(asio::buffer_copy(asio::buffer(room.data(), ready), buffer_.data()));
    buffer_.consume(ready);
  }
  if (plain_.whole()) return dispatch();
  const auto rest = plain_.room();
  enter(State::body, std::min(inTime(), bodyDeadline_));
  socket_.async_read_some(asio::buffer(rest.data(), rest.size()), then(&Session::onPlainBody));
}

void Session::onPlainBody(const error_code& error, std::size_t bytes) {
  plain_.add(bytes);
  if (error == asio::error::eof) return onReadFault(http::error::partial_message);
  if (error) return onReadFault(error);
  readPlainBody();
}

void Session::onReadFault(const error_code& error) {
  if (timedOut_) {
    return refuse({408, "The request did not arrive in time: send its head, and each part of its body, within " +
                            std::to_string(home_.options.requestTimeout.count()) + " ms"});
  }
  const bool ofHttp = error.category() == http::make_error_code(http::error::partial_message).category();
  if (!ofHttp || error == http::error::end_of_stream) return close();
  refuse(refusalOf(error, parser_->is_header_done(), home_.options));
}

void Session::dispatch() {
  enter(State::running, never);
  noteReceived();
  unread_ = false;
  keepAlive_ = head_.keepAlive;
  const auto parts = splitTarget(head_.target);
  HttpRequest request{.method = head_.method,
                      .path = std::string(parts.path),
                      .query = std::string(parts.query),
                      .body = std::move(parser_->get().body()),
                      .headers = head_.fields,
                      .id = id_,
                      .client = record_.client()};
  parser_.reset();
  auto deliver = [gate = home_.gate, session = weak_from_this()](ReadyAnswer answer) {
    gate->post([session, answer = std::make_shared<ReadyAnswer>(std::move(answer))] {
      if (const auto self = session.lock()) self->guarded(&Session::onAnswer, std::move(*answer));
    });
  };
  home_.work([request = std::make_shared<HttpRequest>(std::move(request)), gzipped = isGzipped(head_), &home = home_,
              respond = makeRespond(std::move(deliver), acceptsGzip(head_) && head_.method != "HEAD")] {
    carryOut(std::move(*request), gzipped, home.options, home.handler, respond);
  });
}

void Session::onAnswer(ReadyAnswer answer) {
  if (state_ != State::running) return;
  if (answer.refusal) answer = {.response = worded(*answer.refusal, home_.options)};
  write(std::move(answer));
}

void Session::refuse(const Refusal& refusal) {
  noteReceived();
  // What is left of a refused request is not read as the next one; and where a request is not understood nobody knows where it ends.
  unread_ = !parser_->is_done() || refusal.status == 400 || refusal.status == 501;
  keepAlive_ = !unread_ && head_.keepAlive;
  parser_.reset();
  write({.response = worded(refusal, home_.options)});
}

void Session::write(ReadyAnswer answer) {
  enter(State::writing, inTime());
  if (home_.stopping) keepAlive_ = false;
  const auto& response = answer.response;
  answerHead_ = answerHead(response, {keepAlive_, head_.oldProtocol, answer.gzipped, home_.ids.header(), id_});
  answerBody_ = head_.method == "HEAD" || !mayHaveBody(response.status) ? std::string() : std::move(answer.response.body);
  record_.answering(response.status);
  const auto progress = [this](const error_code& error, std::size_t bytes) -> std::size_t {
    deadline_ = inTime();
    noteSent(bytes);
    return error ? 0 : mostBuffered;
  };
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(answerHead_), asio::buffer(answerBody_)};
  asio::async_write(socket_, buffers, progress, then(&Session::onWritten));
}

void Session::onWritten(const error_code& error, std::size_t bytes) {
  noteSent(bytes);
  answerBody_ = {};
  if (error) return close();
  record_.end(false);
  if (keepAlive_) return awaitRequest();
  // To close where something is unread would reset the connection, and the client might lose the answer.
  if (home_.stopping && !unread_) return close();
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  buffer_.clear();
  bodyDeadline_ = Clock::now() + lingerTime * mostSilences;
  linger();
}

void Session::linger() {
  enter(State::lingering, std::min<Clock::time_point>(Clock::now() + lingerTime, bodyDeadline_));
  socket_.async_read_some(buffer_.prepare(mostBuffered), then(&Session::onLingered));
}

void Session::onLingered(const error_code& error, std::size_t) {
  if (error) return close();
  linger();
}

}  // namespace

std::shared_ptr<HttpSession> makeHttpSession(tcp::socket socket, SessionHome& home) {
  return std::make_shared<Session>(std::move(socket), home);
}

}  // namespace qbatch::serve
