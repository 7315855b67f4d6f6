#include "answers.hpp"

#include <exception>
#include <new>

#include "json_values.hpp"
#include "messages.hpp"

namespace service {
namespace {}  // namespace

qbatch::HttpResponse jsonAnswer(int status, std::string body) { return {.status = status, .body = std::move(body)}; }

// A sentence that quotes a request's own words must not become as long as these.
qbatch::HttpResponse errorAnswer(int status, std::string_view sentence) {
  constexpr std::size_t most = 1000;
  return jsonAnswer(status, "{\"status\":\"error\",\"error\":" + cli::jsonString(shortened(std::string(sentence), most)) + "}");
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

Answer batchAnswer(const qbatch::BatchReport& report, std::string document) {
  if (document.starts_with(R"({"status":"success")")) return {jsonAnswer(200, std::move(document)), Stands::yes};
  const bool perhaps = report.count(qbatch::Outcome::unknown) > 0;
  return {jsonAnswer(statusOf(report.stopped()), std::move(document)), perhaps ? Stands::whereItCounts : Stands::no};
}

Answer failureAnswer(const qbatch::BatchReport& report) {
  using qbatch::Outcome;
  const auto failures = report.failures();
  const auto outcome = failures.empty() ? Outcome::unsent : failures.front().outcome;
  const auto& error = failures.empty() ? report.stopped() : failures.front().error;
  // Who ended the call says more than what its last request happened to meet.
  const int status = statusOf(outcome != Outcome::rejected && report.stopped() ? report.stopped() : error);
  auto response = errorAnswer(outcome == Outcome::rejected && status != 404 ? 422 : status, cli::wordsOf(error));
  response.body.pop_back();
  response.body += ",\"outcome\":\"" + std::string(toString(outcome)) + "\"}";
  return {std::move(response), outcome == Outcome::unknown ? Stands::whereItCounts : Stands::no};
}

Answer lostAnswer() noexcept {
  try {
    return {errorAnswer(500, "the request was carried out, but there was no memory for its answer: read what became of it"), Stands::yes};
  } catch (...) {
    return {{.status = 500}, Stands::yes};
  }
}

Answer guarded(const std::function<Answer()>& make) noexcept {
  try {
    try {
      return make();
    } catch (const Refusal& refusal) {
      return {errorAnswer(refusal.status(), refusal.what()), Stands::no};
    } catch (const qbatch::RequestError& error) {
      return {errorAnswer(statusOf(error.error()), error.what()), Stands::no};
    } catch (const qbatch::ConfigError& error) {
      // Misuse that shows while a call runs is a collection that another embedder filled.
      return {errorAnswer(409, cli::inOptions(error.what())), Stands::no};
    } catch (const std::bad_alloc&) {
      return {errorAnswer(503, "out of memory; send less at once"), Stands::whereItCounts};
    } catch (const std::exception& error) {
      return {errorAnswer(500, error.what()), Stands::whereItCounts};
    }
  } catch (...) {
    return {{.status = 500}, Stands::whereItCounts};
  }
}

void give(const Reply& reply, Answer answer) noexcept {
  try {
    reply(std::move(answer));
  } catch (...) {
    // Without memory. Who dropped the reply is told by its owner.
  }
}

std::string shortened(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

}  // namespace service
