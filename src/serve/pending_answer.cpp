#include "serve/pending_answer.hpp"

#include <exception>
#include <new>
#include <utility>

#include "codec/gzip.hpp"
#include "serve/gzip_body.hpp"
#include "serve/http_answers.hpp"

namespace qbatch::serve {
namespace {

constexpr std::size_t worthPacking = 8u << 10;

/// Packs the answer where it gets smaller. Without memory for it the answer stays as it is.
bool pack(HttpResponse& response) noexcept {
  if (response.body.size() < worthPacking) return false;
  try {
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
    give(errorAnswer(500, "Service internal error: the request was dropped without an answer"));
  } catch (const std::bad_alloc&) {
    give({.status = 500});
  }
}

void PendingAnswer::give(HttpResponse response) noexcept {
  if (given_.exchange(true)) return;
  ReadyAnswer ready{std::move(response)};
  ready.gzipped = mayGzip_ && pack(ready.response);
  try {
    deliver_(std::move(ready));
  } catch (...) {
    // Without memory to hand it over, the connection is left to its time limit.
  }
}

Respond makeRespond(PendingAnswer::Deliver deliver, bool mayGzip) {
  auto pending = std::make_shared<PendingAnswer>(std::move(deliver), mayGzip);
  return [pending](HttpResponse response) { pending->give(std::move(response)); };
}

void carryOut(HttpRequest request, bool gzipped, std::size_t maxBodyBytes, const HttpHandler& handler, const Respond& respond) noexcept {
  try {
    if (gzipped && !request.body.empty()) {
      auto unpacked = gunzip(request.body, maxBodyBytes);
      if (unpacked.fault == Unpacked::Fault::tooLarge) return respond(grownTooLarge(maxBodyBytes));
      if (unpacked.fault == Unpacked::Fault::corrupt) {
        return respond(errorAnswer(400, "Payload error: the body is not whole gzip, as Content-Encoding says it is"));
      }
      request.body = std::move(unpacked.bytes);
    }
    handler(std::move(request), respond);
  } catch (const std::exception& error) {
    respond(errorAnswer(500, std::string("Service internal error: ") + error.what()));
  } catch (...) {
    respond(errorAnswer(500, "Service internal error: an unknown fault"));
  }
}

}  // namespace qbatch::serve
