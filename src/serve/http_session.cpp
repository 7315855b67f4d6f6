#include "serve/http_session.hpp"

#include <array>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "serve/http_answers.hpp"
#include "serve/request_head.hpp"

// The only place that knows Beast, which takes long to compile.
namespace qbatch::serve {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Clock = HttpSession::Clock;
using Parser = http::request_parser<http::string_body>;

constexpr std::size_t firstRead = 4u << 10, mostBuffered = 64u << 10;
constexpr std::chrono::seconds lingerTime{2};
constexpr int mostSilences = 10;  // a body may take so many times the time limit in all

std::string_view viewOf(boost::beast::string_view text) noexcept { return {text.data(), text.size()}; }

RequestHead headOf(const Parser& parser) {
  const auto& message = parser.get();
  RequestHead head;
  head.method = std::string(viewOf(message.method_string()));
  head.target = std::string(viewOf(message.target()));
  head.oldProtocol = message.version() < 11;
  head.keepAlive = parser.keep_alive();
  head.chunked = parser.chunked();
  if (const auto length = parser.content_length()) head.contentLength = *length;
  for (const auto& field : message) head.fields.emplace_back(lowerCase(viewOf(field.name_string())), trimmed(viewOf(field.value())));
  return head;
}

HttpResponse answerTo(const error_code& error, const HttpOptions& options) {
  if (error == http::error::body_limit) return grownTooLarge(options.maxBodyBytes);
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return errorAnswer(431, "Malformed request: its head is larger than " + std::to_string(options.maxHeadBytes) + " bytes");
  }
  if (error == http::error::partial_message) return errorAnswer(400, "Malformed request: the connection ended within it");
  return errorAnswer(400, "Malformed request: " + error.message());
}

class Session final : public HttpSession, public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, SessionHome& home) : socket_(std::move(socket)), home_(home), buffer_(mostBuffered) {}

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

  void awaitRequest();
  void onFirstBytes(const error_code& error, std::size_t bytes);
  void readHead();
  void onHead(const error_code& error, std::size_t);
  void inviteBody();
  void onInvited(const error_code& error, std::size_t);
  void readBody();
  void onBody(const error_code& error, std::size_t);
  void onReadFault(const error_code& error);
  void dispatch();
  void onAnswer(ReadyAnswer answer);
  void refuse(HttpResponse response);
  void write(ReadyAnswer answer);
  void onWritten(const error_code& error, std::size_t);
  void linger();
  void onLingered(const error_code& error, std::size_t);

  tcp::socket socket_;
  SessionHome& home_;
  State state_ = State::idle;
  Clock::time_point deadline_ = never, bodyDeadline_ = never;
  bool timedOut_ = false;
  bool unread_ = false;     // there may be more of the request that was answered
  bool keepAlive_ = false;  // after the present answer
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  RequestHead head_;
  std::string answerHead_, answerBody_;
};

void Session::close() {
  if (state_ == State::closed) return;
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
  enter(State::head, inTime());
  http::async_read_header(socket_, buffer_, *parser_, then(&Session::onHead));
}

void Session::onHead(const error_code& error, std::size_t) {
  head_ = {};
  if (error) return onReadFault(error);
  head_ = headOf(*parser_);
  if (auto refusal = home_.checks.refusalOf(head_)) return refuse(std::move(*refusal));
  if (parser_->is_done()) return dispatch();
  parser_->body_limit(home_.options.maxBodyBytes);
  bodyDeadline_ = Clock::now() + home_.options.requestTimeout * mostSilences;
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
  enter(State::body, std::min(inTime(), bodyDeadline_));
  http::async_read_some(socket_, buffer_, *parser_, then(&Session::onBody));
}

void Session::onBody(const error_code& error, std::size_t) {
  if (error) return onReadFault(error);
  if (parser_->is_done()) return dispatch();
  readBody();
}

void Session::onReadFault(const error_code& error) {
  if (timedOut_) {
    return refuse(errorAnswer(408, "The request did not arrive in time: send its head, and each part of its body, within " +
                                       std::to_string(home_.options.requestTimeout.count()) + " ms"));
  }
  const bool ofHttp = error.category() == http::make_error_code(http::error::partial_message).category();
  if (!ofHttp || error == http::error::end_of_stream) return close();
  refuse(answerTo(error, home_.options));
}

void Session::dispatch() {
  enter(State::running, never);
  unread_ = false;
  keepAlive_ = head_.keepAlive;
  const auto parts = splitTarget(head_.target);
  HttpRequest request{head_.method, std::string(parts.path), std::string(parts.query), std::move(parser_->get().body())};
  parser_.reset();
  auto deliver = [gate = home_.gate, session = weak_from_this()](ReadyAnswer answer) {
    gate->post([session, answer = std::make_shared<ReadyAnswer>(std::move(answer))] {
      if (const auto self = session.lock()) self->guarded(&Session::onAnswer, std::move(*answer));
    });
  };
  home_.work([request = std::make_shared<HttpRequest>(std::move(request)), gzipped = isGzipped(head_), &home = home_,
              respond = makeRespond(std::move(deliver), acceptsGzip(head_) && head_.method != "HEAD")] {
    carryOut(std::move(*request), gzipped, home.options.maxBodyBytes, home.handler, respond);
  });
}

void Session::onAnswer(ReadyAnswer answer) {
  if (state_ == State::running) write(std::move(answer));
}

void Session::refuse(HttpResponse response) {
  // What is left of a refused request is not read as the next one.
  unread_ = !parser_->is_done();
  keepAlive_ = !unread_ && head_.keepAlive;
  write({std::move(response)});
}

void Session::write(ReadyAnswer answer) {
  enter(State::writing, inTime());
  if (home_.stopping) keepAlive_ = false;
  answerHead_ = answerHead(answer.response, {keepAlive_, head_.oldProtocol, answer.gzipped});
  answerBody_ = head_.method == "HEAD" ? std::string() : std::move(answer.response.body);
  const auto progress = [this](const error_code& error, std::size_t) -> std::size_t {
    deadline_ = inTime();
    return error ? 0 : mostBuffered;
  };
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(answerHead_), asio::buffer(answerBody_)};
  asio::async_write(socket_, buffers, progress, then(&Session::onWritten));
}

void Session::onWritten(const error_code& error, std::size_t) {
  answerBody_ = {};
  if (error) return close();
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
