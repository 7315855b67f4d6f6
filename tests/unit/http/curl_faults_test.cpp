#include "http/curl_faults.hpp"

#include <cerrno>
#include <string>

#include "support/catch.hpp"

using namespace qbatch;
using http::Fault;
using Kind = Fault::Kind;

namespace {

http::ExchangeFacts factsOf(CURLcode code, std::string text = "") {
  http::ExchangeFacts facts;
  facts.server = http::parseUrl("https://example:6334");
  facts.code = code;
  facts.text = std::move(text);
  return facts;
}

http::ExchangeFacts connectedFacts(CURLcode code, std::string text = "") {
  auto facts = factsOf(code, std::move(text));
  facts.connected = true;
  return facts;
}

http::ExchangeFacts sentFacts(CURLcode code, std::string text = "") {
  auto facts = connectedFacts(code, std::move(text));
  facts.sent = true;
  facts.bodySize = facts.bodySent = 100;
  return facts;
}

void check(const Fault& fault, Kind kind, const std::string& message) {
  CHECK(fault.kind == kind);
  CHECK(fault.message == message);
}

}  // namespace

TEST_CASE("faults of connecting") {
  auto refused = factsOf(CURLE_COULDNT_CONNECT, "Failed to connect to example port 6334 after 0 ms: Couldn't connect to server");
  refused.systemError = ECONNREFUSED;
  const auto fault = faultOf(refused, {});
  check(fault, Kind::connect, "could not connect to example:6334: connection refused; is a server running there?");
  CHECK_FALSE(fault.connected);
  CHECK_FALSE(fault.mayHaveArrived);
  CHECK_FALSE(fault.whileSending);
  refused.systemError = 0;
  refused.text.clear();
  check(faultOf(refused, {}), Kind::connect,
        "could not connect to example:6334: couldn't connect to server; check the URL and the network");
  check(faultOf(factsOf(CURLE_COULDNT_RESOLVE_HOST), {}), Kind::resolve, "the name `example` could not be resolved; check the URL");
  check(faultOf(factsOf(CURLE_OPERATION_TIMEDOUT, "Connection timed out after 70 milliseconds"), {.connectTimeout = milliseconds(70)}),
        Kind::connect, "no connection to example:6334 within 70 ms; check the URL and the network");
  check(faultOf(factsOf(CURLE_OPERATION_TIMEDOUT, "Resolving timed out after 70 milliseconds"), {.connectTimeout = milliseconds(70)}),
        Kind::resolve, "the name `example` could not be resolved within 70 ms; check the URL and the network");
}

TEST_CASE("an IPv6 address stands in brackets") {
  auto facts = factsOf(CURLE_COULDNT_CONNECT);
  facts.server = http::parseUrl("http://[::1]:7");
  facts.systemError = ECONNREFUSED;
  CHECK(faultOf(facts, {}).message == "could not connect to [::1]:7: connection refused; is a server running there?");
}

TEST_CASE("faults of a proxy name the proxy") {
  check(faultOf(factsOf(CURLE_COULDNT_CONNECT, "Failed to connect to proxy.local port 3128"), {}), Kind::connect,
        "could not connect to the proxy for example:6334: Failed to connect to proxy.local port 3128");
  check(faultOf(factsOf(CURLE_COULDNT_RESOLVE_PROXY, "Could not resolve proxy: p"), {}), Kind::resolve,
        "the name of the proxy for example:6334 could not be resolved: could not resolve proxy: p; check the proxy");
  auto refused = connectedFacts(CURLE_RECV_ERROR, "CONNECT tunnel failed, response 403");
  refused.proxyStatus = 403;
  const auto fault = faultOf(refused, {});
  check(fault, Kind::connect, "the proxy made no connection to example:6334: CONNECT tunnel failed, response 403");
  CHECK_FALSE(fault.connected);
  CHECK_FALSE(fault.mayHaveArrived);
}

TEST_CASE("faults of certificates say what to do") {
  const std::string before = "the certificate of example:6334 was not accepted: ";
  const auto fault = [](std::string text) { return faultOf(connectedFacts(CURLE_PEER_FAILED_VERIFICATION, std::move(text)), {}); };
  check(fault("SSL certificate problem: self-signed certificate"), Kind::certificate,
        before + "self-signed certificate; give its authority's certificate as tls.caFile");
  check(fault("SSL certificate problem: unable to get local issuer certificate"), Kind::certificate,
        before + "unable to get local issuer certificate; give its authority's certificate as tls.caFile");
  check(fault("SSL certificate problem: certificate has expired"), Kind::certificate,
        before + "certificate has expired; it has to be renewed (or this machine's clock is wrong)");
  check(fault("SSL: no alternative certificate subject name matches target host name 'example'"), Kind::certificate,
        before +
            "no alternative certificate subject name matches target host name 'example'; use a name that the certificate holds in the URL");
  CHECK(fault("x").connected);
  CHECK_FALSE(fault("x").mayHaveArrived);
}

TEST_CASE("faults of our own files name the option") {
  const TlsOptions tls{.caFile = "/ca.pem", .clientCertificate = "/me.pem", .clientKey = "/me.key"};
  check(faultOf(connectedFacts(CURLE_SSL_CACERT_BADFILE, "error setting certificate verify locations:  CAfile: /ca.pem CApath: none"),
                {.tls = tls}),
        Kind::certificate, "tls.caFile: `/ca.pem` cannot be read or holds no certificate in PEM form");
  const auto certificate =
      faultOf(connectedFacts(CURLE_SSL_CERTPROBLEM, "could not load PEM client certificate from /me.pem"), {.tls = tls});
  CHECK(certificate.kind == Kind::certificate);
  CHECK(certificate.message.starts_with("tls.clientCertificate: `/me.pem` cannot be used for example:6334: "));
  const auto key = faultOf(connectedFacts(CURLE_SSL_CERTPROBLEM, "unable to set private key file: '/me.key' type PEM"), {.tls = tls});
  CHECK(key.message.starts_with("tls.clientKey: `/me.key` cannot be used for example:6334: "));
}

TEST_CASE("a server's objection to our certificate is a fault of certificates, whenever it comes") {
  const std::string text = "OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0";
  for (const auto code : {CURLE_RECV_ERROR, CURLE_SSL_CONNECT_ERROR, CURLE_SEND_ERROR}) {
    auto facts = sentFacts(code, text);
    facts.bodySent = 50;
    const auto fault = faultOf(facts, {});
    check(fault, Kind::certificate,
          "example:6334 demands a client certificate (tlsv13 alert certificate required); give tls.clientCertificate and tls.clientKey");
    CHECK(fault.connected);
    CHECK_FALSE(fault.mayHaveArrived);
    CHECK_FALSE(fault.whileSending);
  }
  const auto given = faultOf(sentFacts(CURLE_RECV_ERROR, "OpenSSL SSL_read: error:0A000418:SSL routines::tlsv1 alert unknown ca, errno 0"),
                             {.tls = {.clientCertificate = "/me.pem"}});
  check(given, Kind::certificate,
        "example:6334 did not accept our client certificate (tlsv1 alert unknown ca); check tls.clientCertificate");
}

TEST_CASE("faults of the TLS handshake") {
  const auto fault = [](std::string text) { return faultOf(connectedFacts(CURLE_SSL_CONNECT_ERROR, std::move(text)), {}); };
  check(fault("error:0A00010B:SSL routines::wrong version number"), Kind::tls,
        "example:6334 does not speak TLS; if that is meant, write http:// instead of https://");
  check(
      fault("error:0A000410:SSL routines::sslv3 alert handshake failure"), Kind::tls,
      "no TLS connection to example:6334: sslv3 alert handshake failure; perhaps it demands a client certificate (tls.clientCertificate)");
  check(fault("error:0A000102:SSL routines::unsupported protocol"), Kind::tls, "no TLS connection to example:6334: unsupported protocol");
  const auto closed = fault("OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to example:6334 ");
  CHECK(closed.kind == Kind::reset);
  CHECK(closed.message.starts_with("example:6334 closed the connection during the TLS handshake"));
  CHECK_FALSE(closed.mayHaveArrived);
}

TEST_CASE("faults of a lost connection say how far it got") {
  SECTION("while sending") {
    auto facts = sentFacts(CURLE_SEND_ERROR, "Send failure: Broken pipe");
    facts.bodySent = 40;
    const auto fault = faultOf(facts, {});
    check(fault, Kind::reset,
          "example:6334 closed the connection while the request was sent (40 of 100 bytes of the body had left): broken pipe");
    CHECK(fault.mayHaveArrived);
    CHECK(fault.whileSending);
  }
  SECTION("before the answer") {
    const auto fault = faultOf(sentFacts(CURLE_RECV_ERROR, "Recv failure: Connection reset by peer"), {});
    check(fault, Kind::reset, "the connection to example:6334 was lost before its answer came: connection reset by peer");
    CHECK(fault.mayHaveArrived);
    CHECK_FALSE(fault.whileSending);
  }
  SECTION("instead of an answer") {
    auto facts = sentFacts(CURLE_GOT_NOTHING, "Empty reply from server");
    check(faultOf(facts, {}), Kind::reset, "example:6334 closed the connection without an answer");
    facts.server.scheme = "http";
    CHECK(faultOf(facts, {}).message == "example:6334 closed the connection without an answer");
    facts.newConnection = true;
    CHECK(faultOf(facts, {}).message ==
          "example:6334 closed the connection without an answer; if it expects TLS, write https:// instead of http://");
  }
  SECTION("before anything was sent") {
    auto facts = connectedFacts(CURLE_SEND_ERROR, "getpeername() failed with errno 107: Transport endpoint is not connected");
    facts.newConnection = true;
    const auto fault = faultOf(facts, {});
    check(fault, Kind::reset,
          "the connection to example:6334 was lost before its answer came: failed sending data to the peer; perhaps it demands a client "
          "certificate "
          "(tls.clientCertificate)");
    CHECK_FALSE(fault.mayHaveArrived);
    CHECK_FALSE(fault.whileSending);
  }
  SECTION("within the answer") {
    auto facts = sentFacts(CURLE_PARTIAL_FILE, "transfer closed with 5 bytes remaining to read");
    facts.status = 200;
    check(faultOf(facts, {}), Kind::reset,
          "the answer of example:6334 (status 200) was cut short: transfer closed with 5 bytes remaining to read");
  }
  SECTION("HTTP/2") {
    CHECK(faultOf(sentFacts(CURLE_HTTP2, "Error in the HTTP2 framing layer"), {}).kind == Kind::reset);
    CHECK(faultOf(sentFacts(CURLE_HTTP2_STREAM), {}).kind == Kind::reset);
  }
}

TEST_CASE("faults of what came instead of HTTP") {
  auto facts = sentFacts(CURLE_UNSUPPORTED_PROTOCOL, "Received HTTP/0.9 when not allowed");
  check(faultOf(facts, {}), Kind::protocol,
        "what example:6334 answered is not HTTP as expected: received HTTP/0.9 when not allowed; check host and port in the URL");
  facts.server.scheme = "http";
  CHECK(faultOf(facts, {}).message.ends_with("check host and port in the URL, and whether it expects https://"));
  CHECK(faultOf(sentFacts(CURLE_WEIRD_SERVER_REPLY), {}).kind == Kind::protocol);
  CHECK(faultOf(sentFacts(CURLE_BAD_CONTENT_ENCODING), {}).kind == Kind::protocol);
  CHECK(faultOf(factsOf(CURLE_URL_MALFORMAT, "Port number was not a decimal number"), {}).message ==
        "the URL cannot be used: port number was not a decimal number");
}

TEST_CASE("every other code is an internal fault that repeats libcurl's words") {
  check(faultOf(sentFacts(CURLE_FAILED_INIT, "Something odd"), {}), Kind::internal, "the exchange with example:6334 failed: something odd");
  CHECK(faultOf(sentFacts(CURLE_OUT_OF_MEMORY), {}).kind == Kind::internal);
}

TEST_CASE("every code of libcurl's gives a fault with a sentence") {
  for (int code = 1; code < CURL_LAST; ++code) {
    INFO(code);
    for (const auto& facts : {factsOf(static_cast<CURLcode>(code)), sentFacts(static_cast<CURLcode>(code), "Some words")}) {
      const auto fault = faultOf(facts, {});
      CHECK(fault.kind != Kind::none);
      CHECK(fault.message.size() > 20);
    }
  }
}

TEST_CASE("what we end ourselves says how far it got") {
  auto facts = factsOf(CURLE_ABORTED_BY_CALLBACK);
  const auto words = [&](Kind kind) { return endedFault(kind, facts, {.idleTimeout = milliseconds(70)}).message; };
  facts.waiting = true;
  CHECK(words(Kind::cancelled) == "the request to example:6334 was cancelled: it was still waiting for a free connection");
  facts.waiting = false;
  CHECK(words(Kind::deadline) == "the time for the request to example:6334 is over: no connection was had");
  facts.connected = true;
  CHECK(words(Kind::deadline) == "the time for the request to example:6334 is over: nothing had been sent");
  CHECK_FALSE(endedFault(Kind::deadline, facts, {}).mayHaveArrived);
  facts.sent = true;
  facts.bodySize = 9;
  CHECK(words(Kind::idle) == "nothing moved to or from example:6334 for 70 ms: 0 of 9 bytes of the body had left");
  CHECK(endedFault(Kind::idle, facts, {}).whileSending);
  CHECK(endedFault(Kind::idle, facts, {}).mayHaveArrived);
  facts.bodySent = 9;
  CHECK(words(Kind::idle) == "nothing moved to or from example:6334 for 70 ms: the request had left and no answer had come");
  CHECK_FALSE(endedFault(Kind::idle, facts, {}).whileSending);
  facts.status = 200;
  CHECK(words(Kind::cancelled) == "the request to example:6334 was cancelled: its answer had not come as a whole");
  CHECK(endedFault(Kind::cancelled, facts, {}).kind == Kind::cancelled);
}

TEST_CASE("a request that cannot be sent has left nothing") {
  const auto fault = http::unusableFault("words");
  check(fault, Kind::protocol, "words");
  CHECK_FALSE(fault.connected);
  CHECK_FALSE(fault.mayHaveArrived);
}
