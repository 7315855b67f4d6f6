#include "http/curl_faults.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

namespace qbatch::http {
namespace {

using Kind = Fault::Kind;

bool has(std::string_view text, std::string_view part) noexcept { return text.find(part) != std::string_view::npos; }

std::string place(const Url& server) {
  const bool brackets = has(server.host, ":");
  return fmt::format("{}{}{}:{}", brackets ? "[" : "", server.host, brackets ? "]" : "", server.port);
}

std::string lowerFirst(std::string text) {
  const bool word = text.size() > 1 && text[1] >= 'a' && text[1] <= 'z';
  if (word && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

/// What libcurl said, without what its sentences begin with and without OpenSSL's numbers.
std::string reason(const ExchangeFacts& facts) {
  std::string_view text = facts.text;
  // A lost connection may first have shown when libcurl asked for its addresses, which tells nobody anything.
  if (text.empty() || has(text, "getpeername()") || has(text, "getsockname()")) text = curl_easy_strerror(facts.code);
  constexpr std::array<std::string_view, 5> beginnings = {
      "SSL certificate problem: ", "SSL: ", "Recv failure: ", "Send failure: ", "Failure: "};
  for (const auto beginning : beginnings)
    if (text.starts_with(beginning)) text.remove_prefix(beginning.size());
  if (const auto at = text.find("SSL routines:"); at != std::string_view::npos) {
    text.remove_prefix(text.find_first_not_of(':', at + 12));
    text = text.substr(0, text.find(", errno"));
  }
  return lowerFirst(std::string(text));
}

Fault fault(Kind kind, std::string message, const ExchangeFacts& facts) {
  Fault result;
  result.kind = kind;
  result.message = std::move(message);
  result.connected = facts.connected;
  result.mayHaveArrived = facts.sent;
  result.whileSending = facts.sent && facts.bodySent < facts.bodySize;
  return result;
}

std::string sentSoFar(const ExchangeFacts& facts) {
  return fmt::format("{} of {} bytes of the body had left", facts.bodySent, facts.bodySize);
}

Fault connectFault(const ExchangeFacts& facts) {
  const bool toProxy = !facts.text.empty() && !has(facts.text, facts.server.host);
  if (toProxy)
    return fault(Kind::connect, fmt::format("could not connect to the proxy for {}: {}", place(facts.server), facts.text), facts);
  const std::string why = facts.systemError != 0 ? lowerFirst(std::generic_category().message(facts.systemError)) : reason(facts);
  const char* advice = facts.systemError == ECONNREFUSED ? "is a server running there?" : "check the URL and the network";
  return fault(Kind::connect, fmt::format("could not connect to {}: {}; {}", place(facts.server), why, advice), facts);
}

Fault timeFault(const ExchangeFacts& facts, const CurlOptions& options) {
  if (has(facts.text, "Resolving timed out"))
    return fault(Kind::resolve,
                 fmt::format("the name `{}` could not be resolved within {} ms; check the URL and the network", facts.server.host,
                             options.connectTimeout.count()),
                 facts);
  const char* stage = facts.connected ? "no TLS connection to" : "no connection to";
  return fault(Kind::connect,
               fmt::format("{} {} within {} ms; check the URL and the network", stage, place(facts.server), options.connectTimeout.count()),
               facts);
}

Fault certificateFault(const ExchangeFacts& facts) {
  const std::string why = reason(facts);
  const char* advice = "";
  if (has(why, "subject name")) {
    advice = "; use a name that the certificate holds in the URL";
  } else if (has(why, "expired")) {
    advice = "; it has to be renewed (or this machine's clock is wrong)";
  } else if (has(why, "not yet valid")) {
    advice = "; check this machine's clock";
  } else if (has(why, "issuer") || has(why, "self-signed") || has(why, "self signed") || has(why, "verify the first")) {
    advice = "; give its authority's certificate as tls.caFile";
  }
  return fault(Kind::certificate, fmt::format("the certificate of {} was not accepted: {}{}", place(facts.server), why, advice), facts);
}

Fault ownCertificateFault(const ExchangeFacts& facts, const TlsOptions& tls) {
  const bool key = has(facts.text, "rivate key") && !tls.clientKey.empty();
  return fault(
      Kind::certificate,
      fmt::format("tls.{}: `{}` cannot be used for {}: {}; it has to be a readable PEM file without a password",
                  key ? "clientKey" : "clientCertificate", key ? tls.clientKey : tls.clientCertificate, place(facts.server), reason(facts)),
      facts);
}

/// The server's objection to our certificate, which may come as late as in the place of its answer; Kind::none where it is something else.
Fault alertFault(const ExchangeFacts& facts, const TlsOptions& tls) {
  constexpr std::array<std::string_view, 7> objections = {"certificate required", "alert bad certificate",         "alert unknown ca",
                                                          "alert certificate",    "alert unsupported certificate", "alert access denied",
                                                          "alert no certificate"};
  bool objected = false;
  for (const auto objection : objections) objected = objected || has(facts.text, objection);
  if (!objected) return {};
  const std::string where = place(facts.server);
  auto result =
      fault(Kind::certificate,
            tls.clientCertificate.empty()
                ? fmt::format("{} demands a client certificate ({}); give tls.clientCertificate and tls.clientKey", where, reason(facts))
                : fmt::format("{} did not accept our client certificate ({}); check tls.clientCertificate", where, reason(facts)),
            facts);
  // No server acts on what came before it trusted the connection.
  result.mayHaveArrived = result.whileSending = false;
  return result;
}

Fault tlsFault(const ExchangeFacts& facts, const CurlOptions& options) {
  if (auto alert = alertFault(facts, options.tls); alert.kind != Kind::none) return alert;
  const std::string where = place(facts.server);
  for (const auto part : {"wrong version number", "packet length too long", "http request", "record layer failure"})
    if (has(facts.text, part))
      return fault(Kind::tls, fmt::format("{} does not speak TLS; if that is meant, write http:// instead of https://", where), facts);
  for (const auto part : {"SSL_ERROR_SYSCALL", "reset by peer", "unexpected eof"})
    if (has(facts.text, part))
      return fault(Kind::reset, fmt::format("{} closed the connection during the TLS handshake: {}", where, reason(facts)), facts);
  const bool failed = has(facts.text, "handshake failure");
  const char* advice =
      failed && options.tls.clientCertificate.empty() ? "; perhaps it demands a client certificate (tls.clientCertificate)" : "";
  return fault(Kind::tls, fmt::format("no TLS connection to {}: {}{}", where, reason(facts), advice), facts);
}

Fault lostFault(const ExchangeFacts& facts, const CurlOptions& options) {
  const std::string where = place(facts.server);
  if (auto alert = alertFault(facts, options.tls); alert.kind != Kind::none) return alert;
  if (!facts.sent && facts.proxyStatus != 0) {
    auto result = fault(Kind::connect, fmt::format("the proxy made no connection to {}: {}", where, reason(facts)), facts);
    result.connected = false;
    return result;
  }
  if (facts.sent && facts.bodySent < facts.bodySize)
    return fault(Kind::reset,
                 fmt::format("{} closed the connection while the request was sent ({}): {}", where, sentSoFar(facts), reason(facts)),
                 facts);
  if (facts.status != 0)
    return fault(Kind::reset, fmt::format("the answer of {} (status {}) was cut short: {}", where, facts.status, reason(facts)), facts);
  const char* advice = "";
  if (facts.newConnection && facts.server.scheme == "http") {
    advice = "; if it expects TLS, write https:// instead of http://";  // a TLS server does this, but a server that merely broke too
  } else if (facts.newConnection && !facts.sent) {
    // It may be gone before its objection could be read.
    advice = options.tls.clientCertificate.empty() ? "; perhaps it demands a client certificate (tls.clientCertificate)"
                                                   : "; perhaps it does not accept our client certificate";
  }
  if (facts.code == CURLE_GOT_NOTHING)
    return fault(Kind::reset, fmt::format("{} closed the connection without an answer{}", where, advice), facts);
  return fault(Kind::reset, fmt::format("the connection to {} was lost before its answer came: {}{}", where, reason(facts), advice), facts);
}

Fault protocolFault(const ExchangeFacts& facts) {
  const char* advice = "check host and port in the URL";
  if (facts.code == CURLE_UNSUPPORTED_PROTOCOL && facts.server.scheme == "http")
    advice = "check host and port in the URL, and whether it expects https://";
  if (facts.code == CURLE_URL_MALFORMAT) return fault(Kind::protocol, fmt::format("the URL cannot be used: {}", reason(facts)), facts);
  return fault(Kind::protocol, fmt::format("what {} answered is not HTTP as expected: {}; {}", place(facts.server), reason(facts), advice),
               facts);
}

bool isOurs(CURLcode code) noexcept {
  return code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_ENGINE_NOTFOUND || code == CURLE_SSL_ENGINE_SETFAILED;
}

}  // namespace

Fault faultOf(const ExchangeFacts& facts, const CurlOptions& options) {
  const std::string where = place(facts.server);
  if (isOurs(facts.code)) return ownCertificateFault(facts, options.tls);
  switch (facts.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return fault(Kind::resolve, fmt::format("the name `{}` could not be resolved; check the URL", facts.server.host), facts);
    case CURLE_COULDNT_RESOLVE_PROXY:
      return fault(Kind::resolve,
                   fmt::format("the name of the proxy for {} could not be resolved: {}; check the proxy", where, reason(facts)), facts);
    case CURLE_COULDNT_CONNECT:
      return connectFault(facts);
    case CURLE_PROXY:
      return fault(Kind::connect, fmt::format("no connection to {} through the proxy: {}", where, reason(facts)), facts);
    case CURLE_OPERATION_TIMEDOUT:
      return timeFault(facts, options);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_CLIENTCERT:
      return certificateFault(facts);
    case CURLE_SSL_CACERT_BADFILE:
      return fault(Kind::certificate,
                   options.tls.caFile.empty()
                       ? fmt::format("the system's certificates for {} cannot be read: {}; give tls.caFile", where, reason(facts))
                       : fmt::format("tls.caFile: `{}` cannot be read or holds no certificate in PEM form", options.tls.caFile),
                   facts);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
      return tlsFault(facts, options);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return lostFault(facts, options);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      return protocolFault(facts);
    case CURLE_OUT_OF_MEMORY:
      return fault(Kind::internal,
                   fmt::format("no memory was left for the exchange with {}, or its answer has an endless header line", where), facts);
    default:
      return fault(Kind::internal, fmt::format("the exchange with {} failed: {}", where, reason(facts)), facts);
  }
}

Fault endedFault(Kind kind, const ExchangeFacts& facts, const CurlOptions& options) {
  std::string how = "its answer had not come as a whole";
  if (facts.waiting) {
    how = "it was still waiting for a free connection";
  } else if (!facts.connected) {
    how = "no connection was had";
  } else if (!facts.sent) {
    how = "nothing had been sent";
  } else if (facts.bodySent < facts.bodySize) {
    how = sentSoFar(facts);
  } else if (facts.status == 0) {
    how = "the request had left and no answer had come";
  }
  const std::string where = place(facts.server);
  if (kind == Kind::cancelled) return fault(kind, fmt::format("the request to {} was cancelled: {}", where, how), facts);
  if (kind == Kind::deadline) return fault(kind, fmt::format("the time for the request to {} is over: {}", where, how), facts);
  return fault(kind, fmt::format("nothing moved to or from {} for {} ms: {}", where, options.idleTimeout.count(), how), facts);
}

Fault tooLargeFault(const char* what, std::size_t allowedBytes, const ExchangeFacts& facts) {
  return fault(Kind::tooLarge, fmt::format("the {} of {} is longer than the {} bytes allowed", what, place(facts.server), allowedBytes),
               facts);
}

Fault unusableFault(std::string problem) {
  Fault result;
  result.kind = Kind::protocol;
  result.message = std::move(problem);
  return result;
}

}  // namespace qbatch::http
