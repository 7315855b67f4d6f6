#include "answers.hpp"

#include <exception>
#include <new>

#include "json_values.hpp"
#include "messages.hpp"

namespace service {
namespace {

/// A sentence that quotes a request's own words must not become as long as these.
std::string shortened(std::string sentence) {
  constexpr std::size_t most = 1000;
  if (sentence.size() <= most) return sentence;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(sentence[end]) & 0xC0) == 0x80) --end;
  return sentence.substr(0, end) + "...";
}

std::string wordsOf(const qbatch::Error& error) { return error.message().empty() ? error.code().message() : error.message(); }

}  // namespace

qbatch::HttpResponse jsonAnswer(int status, std::string body) { return {.status = status, .body = std::move(body)}; }

qbatch::HttpResponse errorAnswer(int status, std::string_view sentence) {
  return jsonAnswer(status, "{\"status\":\"error\",\"error\":" + cli::jsonString(shortened(cli::inOptions(std::string(sentence)))) + "}");
}

int statusOf(const qbatch::Error& error) noexcept {
  using qbatch::Errc;
  const auto is = [&](Errc code) { return error.code() == code; };
  if (is(Errc::collectionNotFound) || is(Errc::pointNotFound)) return 404;
  if (is(Errc::collectionMismatch)) return 409;
  if (is(Errc::invalidItem) || is(Errc::duplicateId) || is(Errc::refused)) return 422;
  if (is(Errc::tooLarge)) return 413;
  if (is(Errc::unsupported)) return 501;
  if (is(Errc::throttled) || is(Errc::cancelled)) return 503;
  if (is(Errc::deadlineExceeded)) return 504;
  if (is(Errc::storageFull)) return 507;
  if (is(Errc::internal) || is(Errc::storageBroken)) return 500;
  return 502;
}

Answer batchAnswer(const qbatch::BatchReport& report, std::string body) {
  using qbatch::Outcome;
  const bool carriedOut = !report.stopped() || report.count(Outcome::done) + report.count(Outcome::accepted) > 0;
  return {jsonAnswer(carriedOut ? 200 : statusOf(report.stopped()), std::move(body)), carriedOut || report.count(Outcome::unknown) > 0};
}

Answer failureAnswer(const qbatch::BatchReport& report) {
  using qbatch::Outcome;
  const auto failures = report.failures();
  const auto outcome = failures.empty() ? Outcome::unsent : failures.front().outcome;
  const auto& error = failures.empty() ? report.stopped() : failures.front().error;
  const int status = statusOf(error);
  auto response = errorAnswer(outcome == Outcome::rejected && status != 404 ? 422 : status, wordsOf(error));
  response.body.pop_back();
  response.body += ",\"outcome\":\"" + std::string(toString(outcome)) + "\"}";
  return {std::move(response), outcome == Outcome::rejected || outcome == Outcome::unknown};
}

Answer guarded(const std::function<Answer()>& make) noexcept {
  try {
    try {
      return make();
    } catch (const Refusal& refusal) {
      return {errorAnswer(refusal.status(), refusal.what()), false};
    } catch (const qbatch::RequestError& error) {
      return {errorAnswer(statusOf(error.error()), error.what()), false};
    } catch (const qbatch::ConfigError& error) {
      // Misuse that shows while a call runs is a collection that another embedder filled.
      return {errorAnswer(409, error.what()), false};
    } catch (const std::bad_alloc&) {
      return {errorAnswer(503, "out of memory; send less at once"), false};
    } catch (const std::exception& error) {
      return {errorAnswer(500, error.what()), false};
    }
  } catch (...) {
    return {{.status = 500}, false};
  }
}

}  // namespace service
