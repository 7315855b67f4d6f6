#include "support/http_conversation.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <utility>

namespace qbatch::test {
namespace {

constexpr std::size_t blockSize = 65536, largestHead = 1U << 20;

std::optional<std::size_t> numberIn(std::string_view text, int base) {
  std::size_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (end.ec != std::errc() || end.ptr == text.data()) return std::nullopt;
  return value;
}

HttpAnswer failure(std::string words) {
  HttpAnswer answer;
  answer.status = 500;
  answer.headers = {{"Content-Type", "text/plain"}};
  answer.body = std::move(words);
  return answer;
}

}  // namespace

void HttpConversation::run() {
  while (one()) {
  }
}

bool HttpConversation::end(Cut cut) {
  socket_.end(cut);
  return false;
}

bool HttpConversation::one() {
  if (input_.empty() && !socket_.read(input_, 1)) return false;
  auto step = server_.takeScripted(false);
  if (step && step->fault.onAccept != Cut::none) return end(step->fault.onAccept);
  std::string head;
  if (!readHead(step ? step->fault : HttpFault(), head)) return end(step ? step->fault.cut : Cut::none);
  auto parsed = parseHead(head);
  if (!parsed) {
    server_.complain("no HTTP request: " + head.substr(0, 200));
    return end(Cut::close);
  }
  Exchange exchange = std::move(*parsed);
  exchange.connection = number_;
  if (!step) step = server_.takeRule(exchange, true);
  if (!step || !step->fault.skipBody) {
    exchange.whole = readBody(exchange, step ? step->fault.readBody : std::nullopt);
  } else {
    exchange.whole = false;
  }
  server_.record(exchange);
  if (!exchange.whole && !(step && step->fault.skipBody)) return end(step ? step->fault.cut : Cut::none);
  if (!step) step = server_.takeRule(exchange, false);
  return respond(exchange, step ? &*step : nullptr);
}

bool HttpConversation::readHead(const HttpFault& fault, std::string& head) {
  for (;;) {
    const auto at = input_.find("\r\n\r\n");
    const std::size_t size = at == std::string::npos ? input_.size() : at + 4;
    if (fault.readHead && size >= *fault.readHead) return false;
    if (at != std::string::npos) {
      head = input_.substr(0, size);
      input_.erase(0, size);
      return true;
    }
    if (size > largestHead) return false;
    if (!socket_.read(input_, fault.readHead ? *fault.readHead - size : blockSize)) return false;
  }
}

bool HttpConversation::take(std::string& into, std::size_t size) {
  while (size > 0) {
    if (input_.empty() && !socket_.read(input_, blockSize)) return false;
    const std::size_t part = std::min(size, input_.size());
    into.append(input_, 0, part);
    input_.erase(0, part);
    size -= part;
  }
  return true;
}

bool HttpConversation::takeLine(std::string& line) {
  line.clear();
  while (line.size() < 2 || line.compare(line.size() - 2, 2, "\r\n") != 0) {
    if (line.size() > blockSize || !take(line, 1)) return false;
  }
  line.resize(line.size() - 2);
  return true;
}

bool HttpConversation::readBody(Exchange& exchange, std::optional<std::size_t> limit) {
  if (const auto* expect = exchange.header("expect"); expect != nullptr && !socket_.write("HTTP/1.1 100 Continue\r\n\r\n")) return false;
  if (const auto* coding = exchange.header("transfer-encoding"); coding != nullptr) return readChunks(exchange.body, limit);
  const auto* length = exchange.header("content-length");
  const auto size = length != nullptr ? numberIn(*length, 10) : 0;
  if (!size) {
    server_.complain("no Content-Length: " + *length);
    return false;
  }
  if (limit && *limit < *size) {
    static_cast<void>(take(exchange.body, *limit));
    return false;
  }
  return take(exchange.body, *size) && !limit;
}

bool HttpConversation::readChunks(std::string& body, std::optional<std::size_t> limit) {
  std::string line;
  for (;;) {
    if (!takeLine(line)) return false;
    const auto size = numberIn(line, 16);
    if (!size) {
      server_.complain("no chunk: " + line.substr(0, 200));
      return false;
    }
    if (limit && body.size() + *size >= *limit) {
      static_cast<void>(take(body, *limit - body.size()));
      return false;
    }
    if (!take(body, *size) || !takeLine(line)) return false;
    if (*size == 0) return !limit;
  }
}

HttpAnswer HttpConversation::answerTo(const Exchange& exchange, const HttpStep* step) {
  HttpAnswer answer;
  try {
    if (exchange.whole && (step == nullptr || !step->answer || step->handle)) answer = server_.handler_(exchange);
    if (!exchange.whole) answer.status = 413;
  } catch (const std::exception& thrown) {
    server_.complain(std::string("the handler threw: ") + thrown.what());
    answer = failure(thrown.what());
  }
  return step != nullptr && step->answer ? *step->answer : answer;
}

bool HttpConversation::respond(const Exchange& exchange, const HttpStep* step) {
  const HttpAnswer answer = answerTo(exchange, step);
  const HttpFault& fault = step != nullptr ? step->fault : answer.fault;
  if (fault.delay.count() > 0 && !server_.stop_->sleep(fault.delay)) return false;
  if (fault.silent) {
    std::string ignored;
    while (socket_.read(ignored, blockSize)) ignored.clear();
    return end(fault.cut);
  }
  if (fault.noAnswer) return end(fault.cut);
  const auto* wish = exchange.header("connection");
  const bool closes = fault.lastAnswer || fault.skipBody || (wish != nullptr && *wish == "close");
  const std::string one = fault.raw ? *fault.raw : answerBytes(answer, exchange.method != "HEAD", closes);
  std::string bytes;
  for (unsigned copy = 0; copy < fault.copies; ++copy) bytes += one;
  if (!send(bytes, fault)) return end(fault.cut);
  if (fault.skipBody && fault.cut == Cut::none) socket_.drain();
  return closes || fault.cut != Cut::none ? end(fault.cut) : true;
}

bool HttpConversation::send(const std::string& bytes, const HttpFault& fault) {
  const std::string_view part = std::string_view(bytes).substr(0, fault.sendBytes.value_or(bytes.size()));
  if (fault.trickle.count() <= 0) return socket_.write(part) && !fault.sendBytes;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (!socket_.write(part.substr(i, 1)) || !server_.stop_->sleep(fault.trickle)) return false;
  }
  return !fault.sendBytes;
}

}  // namespace qbatch::test
