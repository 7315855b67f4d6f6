#include "serve/pending_answer.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "codec/gzip.hpp"
#include "serve/gzip_body.hpp"
#include "serve/http_answers.hpp"
#include "serve/request_head.hpp"

namespace qbatch::serve {
namespace {

constexpr std::size_t worthPacking = 8u << 10;

/// Packs the answer where it gets smaller. Without memory for it the answer stays as it is.
bool pack(HttpResponse& response) noexcept {
  if (response.body.size() < worthPacking || !mayHaveBody(response.status)) return false;
  try {
    const auto& headers = response.headers;
    if (std::any_of(headers.begin(), headers.end(), [](const auto& header) { return lowerCase(header.first) == "content-encoding"; }))
      return false;
    std::string packed;
    if (!codec::gzip(packed, response.body)) return false;
    response.body = std::move(packed);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace

void Gate::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (post_) post_(std::move(task));
}

void Gate::close() {
  const std::lock_guard lock(mutex_);
  post_ = nullptr;
}

PendingAnswer::~PendingAnswer() {
  if (given_) return;
  try {
    deliver_({.refusal = Refusal{500, "Service internal error: the request was dropped without an answer"}});
  } catch (...) {
    // As below.
  }
}

void PendingAnswer::give(HttpResponse response) noexcept {
  if (given_.exchange(true)) return;
  try {
    const int status = response.status;
    ReadyAnswer ready{std::move(response)};
    ready.gzipped = mayGzip_ && pack(ready.response);
    if (!isFinal(status)) {
      ready.refusal = Refusal{500, "Service internal error: the request was answered with the status " + std::to_string(status)};
    }
    deliver_(std::move(ready));
  } catch (...) {
    // Without memory to hand it over, the connection is left to its time limit.
  }
}

Respond makeRespond(PendingAnswer::Deliver deliver, bool mayGzip) {
  auto pending = std::make_shared<PendingAnswer>(std::move(deliver), mayGzip);
  return [pending](HttpResponse response) { pending->give(std::move(response)); };
}

void carryOut(HttpRequest request, bool gzipped, const HttpServerOptions& options, const HttpHandler& handler,
              const Respond& respond) noexcept {
  const auto refuse = [&](int status, const std::string& message) { respond(worded({status, message}, options)); };
  try {
    if (gzipped && !request.body.empty()) {
      auto unpacked = gunzip(request.body, options.maxBodyBytes);
      if (unpacked.fault == Unpacked::Fault::tooLarge) return respond(worded(grownTooLarge(options.maxBodyBytes), options));
      if (unpacked.fault == Unpacked::Fault::corrupt) {
        return refuse(400, "Payload error: the body is not whole gzip, as Content-Encoding says it is");
      }
      request.body = std::move(unpacked.bytes);
    }
    handler(std::move(request), respond);
  } catch (const std::exception& error) {
    refuse(500, std::string("Service internal error: ") + error.what());
  } catch (...) {
    refuse(500, "Service internal error: an unknown fault");
  }
}

}  // namespace qbatch::serve
