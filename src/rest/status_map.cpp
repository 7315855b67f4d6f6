#include "rest/status_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "codec/decode_answers.hpp"
#include "rest/redact.hpp"
#include "rest/retry_after.hpp"

namespace qbatch::rest {

namespace {

using Kind = Verdict::Kind;

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool hasOneOf(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return has(text, part); });
}

// Each shard carries out its part of a request on its own.
bool byOtherShards(std::string_view words) { return has(words, "shards failed to apply"); }

// What Qdrant finds out before it writes anything. Other refusals leave what came before the item at fault.
bool refusedBeforeWriting(std::string_view words) {
  return !byOtherShards(words) &&
         hasOneOf(words, {"Format error in", "Vector dimension error", "Validation error", "Empty update request"});
}

// A body of too many bytes, as Qdrant's web server and those in front of it say it: of a known length, of an unknown one, unpacked.
bool saysTooManyBytes(std::string_view words) {
  return hasOneOf(words, {"larger than allowed", "has exceeded limit", "reached size limit", "Payload Too Large", "Entity Too Large",
                          "body too large", "payload too large"});
}

// What a collection's strict mode forbids to every item of a call alike, so that no part of the call could pass. Its other "Limit exceeded
// 200 > 100 for "NAME"" count a request's items.
bool forbidsTheCall(std::string_view words) {
  const bool setting = hasOneOf(words, {"for \"limit\"", "for \"timeout\"", "for \"oversampling\"", "for \"hnsw_ef\""});
  return (has(words, "Limit exceeded") && setting) ||
         hasOneOf(words, {"Exact search disabled", "search_allow_exact", "Filter condition limit reached", "Index required but not found"});
}

// The collection, the disk or the memory has reached what strict mode allows. Found out before anything is written.
bool saysFull(std::string_view words) {
  return hasOneOf(words, {"Max points count limit", "Max vector storage size limit", "Max payload storage size limit",
                          "Resident memory usage is at", "Disk usage is at"});
}

// A server that sends a page has something in front of it, or is something else.
bool isPage(const http::Response& response) {
  const auto type = http::headerOf(response, "content-type");
  return has(type, "html") || (!response.body.empty() && response.body.front() == '<');
}

class Reading {
 public:
  Reading(http::Response& response, const Asked& asked)
      : response_(response), asked_(asked), words_(redact(codec::errorSentence(response.body), asked.secrets)) {}

  Verdict verdict() {
    const auto status = response_.status;
    if (status >= 300 && status < 400) return redirect();
    if (asked_.packed && tookPackedForJson()) return fatal(Errc::unsupported, "", "it does not unpack gzip: set rest.gzipFrom to 0");
    if (status == 404) return notFound();
    // Strict mode's 400 was a 403 up to 1.13.
    if (status == 400 || status == 403 || status == 422)
      if (auto limit = strictLimit()) return std::move(*limit);
    if (status == 401 || status == 403) return refusedKey();
    if (status == 400 || status == 422) return badRequest();
    if (status == 413) return tooLarge();
    if (status == 429) return throttled();
    if (status == 507) return full();
    if (status == 408 || status == 425 || (status >= 500 && status != 501 && status != 505)) return passing();
    return fatal(Errc::refused, "", "check that the URL is that of a Qdrant server's REST API");
  }

 private:
  Verdict made(Kind kind, Errc code, std::string_view what, std::string_view advice) const {
    Verdict verdict;
    verdict.kind = kind;
    const auto said = words_.empty() ? std::string(isPage(response_) ? "an HTML page" : "no reason") : words_;
    auto message = what.empty() ? fmt::format("{} answered {}: {}", asked_.server, response_.status, said) : std::string(what);
    if (!advice.empty()) message += fmt::format("; {}", advice);
    verdict.error = Error(code, Origin::server, std::move(message), response_.status, words_);
    return verdict;
  }
  Verdict fatal(Errc code, std::string_view what, std::string_view advice) const { return made(Kind::fatal, code, what, advice); }

  // A server that does not unpack finds no JSON in the very first byte, so nothing was carried out.
  [[nodiscard]] bool tookPackedForJson() const {
    return response_.status == 415 || (response_.status == 400 && has(words_, "line 1 column 1") && has(words_, "expected value"));
  }

  Verdict redirect() const {
    const auto where = redact(http::headerOf(response_, "location"), asked_.secrets);
    return fatal(Errc::refused,
                 fmt::format("{} answered {} and sends callers to `{}`, which is not followed", asked_.server, response_.status, where),
                 "set url to the server itself");
  }

  Verdict refusedKey() const { return fatal(Errc::unauthorized, "", "check the API key, and what it allows"); }

  Verdict notFound() const {
    if (has(words_, "Collection") || has(words_, "collection"))
      return fatal(Errc::collectionNotFound, fmt::format("{} answered 404: {}", asked_.server, words_),
                   "create the collection, or check its name");
    if (has(words_, "No point with id")) {
      auto verdict = made(Kind::itemAtFault, Errc::pointNotFound, "", "");
      verdict.maybeApplied = asked_.writes && asked_.items > 1;  // found out on the way
      return verdict;
    }
    if (!words_.empty() && !isPage(response_)) return fatal(Errc::refused, "", "");
    return fatal(Errc::unsupported, fmt::format("{} does not know this request (404 without a reason)", asked_.server),
                 "check that the URL is that of a Qdrant server's REST API, 1.10 or later");
  }

  std::optional<Verdict> strictLimit() const {
    if (forbidsTheCall(words_)) return fatal(Errc::refused, "", "");
    if (has(words_, "Limit exceeded")) return tooLarge();
    if (saysFull(words_)) return full();
    // A condition is as large as what it lists: in a write points of ours, of which there can be fewer, in a read what the caller listed.
    if (has(words_, "Condition size limit reached")) return asked_.writes ? tooLarge() : fatal(Errc::refused, "", "");
    return std::nullopt;
  }

  Verdict badRequest() const {
    if (saysTooManyBytes(words_)) return tooLarge();
    auto verdict = made(Kind::itemAtFault, Errc::refused, "", "");
    verdict.maybeApplied = asked_.writes && asked_.items > 1 && !refusedBeforeWriting(words_);
    return verdict;
  }

  Verdict tooLarge() const { return made(Kind::tooLarge, Errc::tooLarge, "", "send less in one request"); }

  Verdict throttled() const {
    const auto wait = retryAfter(http::headerOf(response_, "retry-after"), std::chrono::system_clock::now());
    // Without a time to wait it means: more than the limit allows at any time. A single item is only believed to be that where it is said.
    if (!wait && (asked_.items > 1 || has(words_, "larger than")))
      return made(Kind::tooLarge, Errc::throttled, "", "send less in one request");
    auto verdict = made(Kind::throttled, Errc::throttled, "", "");
    verdict.retryAfter = wait;
    return verdict;
  }

  Verdict full() const {
    auto verdict = made(Kind::throttled, Errc::storageFull, "", "make room on the server, or raise its quota");
    verdict.retryAfter = std::chrono::seconds(10);  // room is made by people, not within milliseconds
    verdict.maybeApplied = asked_.writes && byOtherShards(words_);
    return verdict;
  }

  Verdict passing() const {
    auto verdict = made(Kind::unavailable, Errc::unavailable, "", "");
    verdict.maybeApplied = asked_.writes;
    return verdict;
  }

  http::Response& response_;
  const Asked& asked_;
  const std::string words_;
};

bool brokeWhileSending(const http::Fault& fault) { return fault.kind == http::Fault::Kind::reset && fault.whileSending; }

// A server that takes no more than a megabyte may count it in tens. A single item, which would be rejected for it, gets a second attempt.
bool bodyWasTooLarge(const http::Fault& fault, const Asked& asked) {
  constexpr std::size_t ordinary = 1'000'000;
  return brokeWhileSending(fault) && asked.bodyBytes > ordinary && asked.bodyBytes > 2 * asked.largestPassed &&
         (asked.items > 1 || asked.bodyBytes >= asked.smallestRefused);
}

// What a server did not read may still have left, and wait in between.
bool bodyBroke(const http::Response& response, const Asked& asked) {
  const auto& fault = response.fault;
  const bool withoutAnswer = fault.kind == http::Fault::Kind::reset && fault.mayHaveArrived && response.status == 0;
  return brokeWhileSending(fault) || (withoutAnswer && asked.bodyBytes > asked.largestPassed);
}

Verdict verdictOfFault(const http::Response& response, const Asked& asked) {
  const auto& fault = response.fault;
  using Fault = http::Fault::Kind;
  Verdict verdict;
  verdict.kind = Kind::unavailable;
  // A body that did not leave as a whole is nothing that a server could carry out.
  verdict.maybeApplied = asked.writes && fault.mayHaveArrived && !fault.whileSending;
  auto code = Errc::unavailable;
  auto message = redact(fault.message, asked.secrets);
  if (fault.kind == Fault::cancelled) {
    code = Errc::cancelled;
    verdict.neverSent = !fault.mayHaveArrived;
  } else if (fault.kind == Fault::certificate || fault.kind == Fault::protocol || fault.kind == Fault::internal) {
    verdict.kind = Kind::fatal;
    if (fault.kind == Fault::internal) code = Errc::internal;
  } else if (bodyWasTooLarge(fault, asked)) {
    verdict.kind = Kind::tooLarge;
    code = Errc::tooLarge;
    message += fmt::format("; a body of {} bytes is probably more than the server takes", asked.bodyBytes);
  } else if (fault.kind == Fault::tooLarge && !asked.writes) {
    verdict.kind = Kind::tooLarge;
    code = Errc::tooLarge;
  }
  if (fault.kind == Fault::tooLarge)
    message += asked.writes ? "; a write is answered in a few words: check that the URL is that of a Qdrant server's REST API"
                            : "; ask for less at once, or raise rest.maxResponseBytes";
  verdict.bodyBroken = bodyBroke(response, asked);
  verdict.neverConnected = !fault.connected && (fault.kind == Fault::resolve || fault.kind == Fault::connect);
  verdict.error = Error(code, Origin::transport, std::move(message));
  return verdict;
}

}  // namespace

Verdict verdictOf(http::Response& response, const Asked& asked) {
  if (response.fault.kind != http::Fault::Kind::none) return verdictOfFault(response, asked);
  if (response.status >= 200 && response.status < 300) return {};  // without a look for an error's sentence in all of its body
  return Reading(response, asked).verdict();
}

SizeSign sizeSignOf(http::Response& response, const Asked& asked) {
  // Of a single item the size is suspected at once, and it is refused for that at the second time.
  auto divisible = asked;
  divisible.items = std::max<std::size_t>(asked.items, 2);
  if (bodyWasTooLarge(response.fault, divisible)) return SizeSign::suspected;
  if (bodyBroke(response, asked)) return SizeSign::broken;
  if (response.fault.kind != http::Fault::Kind::none) return SizeSign::none;
  if (response.status == 413) return SizeSign::refused;
  if (response.status != 400 && response.status != 429) return SizeSign::none;
  const auto words = codec::errorSentence(response.body);
  if (response.status == 400) return saysTooManyBytes(words) ? SizeSign::refused : SizeSign::none;
  // Qdrant's own rate limiter counts points and queries.
  const bool counts = has(words, "rate limiter capacity") || asked.items <= 1;
  return counts || retryAfter(http::headerOf(response, "retry-after"), std::chrono::system_clock::now()) ? SizeSign::none
                                                                                                         : SizeSign::suspected;
}

Verdict unreadable(const http::Response& response, const Asked& asked, const std::string& problem) {
  Verdict verdict;
  const bool page = isPage(response);
  verdict.kind = page ? Kind::fatal : Kind::unavailable;
  verdict.maybeApplied = asked.writes;
  const auto what = page ? std::string("an HTML page") : redact(problem, asked.secrets);
  verdict.error = Error(Errc::unavailable, Origin::server,
                        fmt::format("{} answered {} with something that is no answer of Qdrant's: {}; check that the URL is that of a "
                                    "Qdrant server's REST API",
                                    asked.server, response.status, what),
                        response.status);
  return verdict;
}

}  // namespace qbatch::rest
