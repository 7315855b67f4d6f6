#include "rest/channel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "codec/gzip.hpp"
#include "rest/redact.hpp"

namespace qbatch::rest {

/// Keeps a few texts whose memory has grown to the size of a body.
class Channel::Buffers : public std::enable_shared_from_this<Buffers> {
 public:
  std::shared_ptr<std::string> take() {
    std::unique_ptr<std::string> text;
    {
      const std::lock_guard lock(mutex_);
      if (!kept_.empty()) {
        text = std::move(kept_.back());
        kept_.pop_back();
      }
    }
    if (!text) text = std::make_unique<std::string>();
    return {text.release(), [self = shared_from_this()](std::string* used) { self->giveBack(std::unique_ptr<std::string>(used)); }};
  }

 private:
  void giveBack(std::unique_ptr<std::string> text) {
    constexpr std::size_t most = 8, largest = 8u << 20;
    text->clear();
    const std::lock_guard lock(mutex_);
    if (kept_.size() < most && text->capacity() <= largest) kept_.push_back(std::move(text));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<std::string>> kept_;
};

namespace {

std::vector<std::string> secretsOf(const ChannelOptions& options) {
  std::vector<std::string> secrets = {options.apiKey};
  for (const auto& [name, value] : options.rest.headers) secrets.push_back(value);
  return secrets;
}

void append(std::string& parameters, std::string_view name, std::string_view value) {
  if (!parameters.empty()) parameters += '&';
  parameters += name;
  parameters += '=';
  parameters += value;
}

void appendTimeout(std::string& parameters, milliseconds timeout) {
  if (timeout.count() <= 0) return;
  append(parameters, "timeout", std::to_string(std::chrono::ceil<std::chrono::seconds>(timeout).count()));
}

std::string_view wordOf(WriteOrdering ordering) {
  switch (ordering) {
    case WriteOrdering::weak:
      return "weak";
    case WriteOrdering::medium:
      return "medium";
    case WriteOrdering::strong:
      return "strong";
    case WriteOrdering::serverDefault:
      break;
  }
  return {};
}

}  // namespace

Channel::Channel(ChannelOptions options, std::unique_ptr<http::Transport> transport)
    : options_(std::move(options)),
      secrets_(secretsOf(options_)),
      endpoints_(options_.urls),
      buffers_(std::make_shared<Buffers>()),
      transport_(std::move(transport)) {}

Channel::~Channel() = default;

std::shared_ptr<std::string> Channel::buffer() { return buffers_->take(); }

std::vector<http::Header> Channel::headers(bool withBody, const std::string& token) const {
  std::vector<http::Header> headers;
  if (withBody) headers.push_back({"Content-Type", "application/json"});
  if (!options_.apiKey.empty()) headers.push_back({"api-key", options_.apiKey});
  if (options_.rest.bearerToken) headers.push_back({"Authorization", "Bearer " + token});
  for (const auto& [name, value] : options_.rest.headers) headers.push_back({name, value});
  return headers;
}

std::string Channel::writeParameters(bool wait, bool strong) const {
  std::string parameters;
  append(parameters, "wait", wait ? "true" : "false");
  const auto ordering = wordOf(options_.rest.ordering);
  if (!ordering.empty())
    append(parameters, "ordering", ordering);
  else if (strong)
    append(parameters, "ordering", "strong");
  appendTimeout(parameters, options_.rest.serverTimeout);
  return parameters;
}

std::string Channel::readParameters() const {
  std::string parameters;
  if (!options_.rest.consistency.empty()) append(parameters, "consistency", options_.rest.consistency);
  appendTimeout(parameters, options_.rest.serverTimeout);
  return parameters;
}

// What is handed to the transport keeps the channel alive, and lets go of it on the other thread: the transport, which the channel owns,
// must not be destroyed by its own thread.
void Channel::send(Call call, const CallLimits& limits, std::function<void(Answered)> done) {
  const auto now = std::chrono::steady_clock::now();
  if (tooLarge(call, now)) return refuseHere(call, now, std::move(done));
  auto sent = std::make_shared<Sent>();
  sent->began = now;
  sent->call = std::move(call);
  sent->done = std::move(done);
  try {
    if (options_.rest.bearerToken) sent->token = options_.rest.bearerToken();
  } catch (const std::exception& error) {
    Answered answer;
    answer.verdict.kind = Verdict::Kind::fatal;
    answer.verdict.error = Error(Errc::unauthorized, Origin::caller, std::string("rest.bearerToken threw: ") + error.what());
    options_.post([sent, answer = std::move(answer)]() mutable { sent->done(std::move(answer)); });
    return;
  }
  sent->endpoint = endpoints_.next(sent->began);
  http::Request request;
  request.method = sent->call.method;
  request.url = endpoints_.url(sent->endpoint) + sent->call.path + (sent->call.query.empty() ? "" : "?" + sent->call.query);
  request.body = sent->call.body;
  request.headers = headers(request.body != nullptr, sent->token);
  if (auto body = packed(sent->call)) {
    sent->packed = true;
    request.body = std::move(body);
    request.headers.push_back({"Content-Encoding", "gzip"});
  }
  request.deadline = limits.deadline;
  // A write is answered in a few words, whatever it wrote.
  constexpr std::size_t mostWords = 4u << 20;
  request.maxResponseBytes = sent->call.writes ? std::min(mostWords, options_.rest.maxResponseBytes) : options_.rest.maxResponseBytes;
  request.stop = limits.stop;
  transport_->start(std::move(request), [self = shared_from_this(), sent = std::move(sent)](http::Response response) mutable {
    const auto* const channel = self.get();
    const auto shared = std::make_shared<http::Response>(std::move(response));
    channel->options_.post([self = std::move(self), sent = std::move(sent), shared] { self->answered(*sent, std::move(*shared)); });
  });
}

std::shared_ptr<const std::string> Channel::packed(const Call& call) {
  if (!call.body || options_.rest.gzipFrom == 0 || call.body->size() < options_.rest.gzipFrom) return nullptr;
  auto text = buffer();
  return codec::gzip(*text, *call.body) ? text : nullptr;
}

// What cannot be divided is always sent: the server may have come to take more, and only its own word can make an item a rejected one.
bool Channel::tooLarge(const Call& call, BodyLimit::TimePoint now) const {
  return call.body && call.items > 1 && !bodyLimit_.allows(call.body->size(), now);
}

void Channel::refuseHere(const Call& call, BodyLimit::TimePoint now, std::function<void(Answered)> done) {
  const auto known = bodyLimit_.known(now);
  Answered answer;
  answer.verdict.kind = Verdict::Kind::tooLarge;
  answer.verdict.neverSent = true;
  answer.verdict.error = Error(
      Errc::tooLarge, Origin::transport,
      fmt::format("a request of {} bytes was not sent to {}, which refused one of {} bytes before and has taken {} at most; send less "
                  "in one request, or let the server (service.max_request_size_mb), or the proxy before it, take more",
                  call.body->size(), endpoints_.url(0), known.smallestRefused, known.largestPassed));
  if (options_.log)
    log(LogLevel::debug, redact(fmt::format("{} {}: {}", call.method, call.path, answer.verdict.error.message()), secrets_));
  options_.post([done = std::move(done), answer = std::move(answer)]() mutable { done(std::move(answer)); });
}

void Channel::wakeAt(http::TimePoint time, std::stop_token stop, std::function<void()> done) {
  transport_->wakeAt(time, std::move(stop), [self = shared_from_this(), done = std::move(done)]() mutable {
    const auto* const channel = self.get();
    channel->options_.post([self = std::move(self), done = std::move(done)] { done(); });
  });
}

void Channel::answered(const Sent& sent, http::Response response) {
  auto secrets = secrets_;
  secrets.push_back(sent.token);
  Asked asked;
  asked.server = endpoints_.url(sent.endpoint);
  asked.writes = sent.call.writes;
  asked.items = sent.call.items;
  asked.bodyBytes = sent.call.body ? sent.call.body->size() : 0;  // unpacked: so do servers count it
  asked.packed = sent.packed;
  const auto known = bodyLimit_.known(sent.began);
  asked.largestPassed = known.largestPassed;
  asked.smallestRefused = known.smallestRefused;
  asked.secrets = secrets;
  learn(sizeSignOf(response, asked), asked.bodyBytes);
  Answered answer;
  answer.verdict = verdictOf(response, asked);
  if (answer.verdict.neverConnected) endpoints_.failed(sent.endpoint, std::chrono::steady_clock::now());
  if (response.status != 0) endpoints_.answered(sent.endpoint);
  lastAnswered_ = response.status != 0;
  if (answer.verdict.kind == Verdict::Kind::completed) {
    answer.unreadable = unreadable(response, asked, {});
    bodyLimit_.passed(asked.bodyBytes, std::chrono::steady_clock::now());
  }
  report(sent, response, answer.verdict, secrets);
  answer.bytesSent = response.bytesSent;
  answer.bytesReceived = response.bytesReceived;
  answer.body = std::move(response.body);
  sent.done(std::move(answer));
}

void Channel::learn(SizeSign sign, std::size_t bytes) {
  switch (sign) {
    case SizeSign::refused:
      return bodyLimit_.refused(bytes);
    case SizeSign::suspected:
      return bodyLimit_.suspected(bytes, std::chrono::steady_clock::now());
    case SizeSign::broken:
      return bodyLimit_.broken(bytes);
    case SizeSign::none:
      break;
  }
}

void Channel::report(const Sent& sent, const http::Response& response, const Verdict& verdict, std::span<const std::string> secrets) const {
  if (!options_.log) return;
  const auto spent = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - sent.began).count();
  auto line = fmt::format("{} {}{}: {} after {} ms, {} bytes sent, {} received", sent.call.method, endpoints_.url(sent.endpoint),
                          sent.call.path, response.status, spent, response.bytesSent, response.bytesReceived);
  if (verdict.error) line += "; " + verdict.error.message();
  log(verdict.error ? LogLevel::warning : LogLevel::debug, redact(line, secrets));
}

void Channel::log(LogLevel level, const std::string& line) const noexcept {
  try {
    options_.log(level, line);
  } catch (...) {  // a logger's failure must not become the call's
  }
}

}  // namespace qbatch::rest
