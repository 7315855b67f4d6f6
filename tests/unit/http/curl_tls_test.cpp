#include <signal.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "exchanges.hpp"
#include "http/curl_transport.hpp"
#include "raw_server.hpp"
#include "support/catch.hpp"
#include "tls_server.hpp"

using namespace qbatch;
using namespace qbatch::test;
using http::Fault;
using Kind = Fault::Kind;

namespace {

bool skipped() {
  static const bool missing = !tlsToolsAreThere();
  if (missing) WARN("skipped: the programs openssl and python3 (with its module ssl) are needed");
  return missing;
}

/// One authority, and another that nobody trusts.
struct Authorities : Certificates {
  std::string ours = authority("ours"), other = authority("other");
};

http::Response put(const TlsOptions& tls, const std::string& url, std::string body = "body") {
  const auto transport = http::makeCurlTransport({.tls = tls});
  return exchange(*transport, sending("PUT", url, std::move(body)));
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A fault of certificates after which nothing can have arrived.
void checkRefused(const Fault& fault, const std::string& words) {
  INFO(fault.message);
  CHECK(fault.kind == Kind::certificate);
  CHECK(has(fault.message, words));
  CHECK(fault.connected);
  CHECK_FALSE(fault.mayHaveArrived);
  CHECK_FALSE(fault.whileSending);
}

/// A server that objects to our certificate closes at once, and now and then the connection is gone before its alert could be read: a reset
/// then, after which nothing can have arrived, either.
void checkObjection(const TlsOptions& tls, const std::string& url, const std::string& words) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    const auto fault = put(tls, url).fault;
    if (fault.kind == Kind::certificate) return checkRefused(fault, words);
    INFO(fault.message);
    REQUIRE(fault.kind == Kind::reset);
    CHECK(has(fault.message, "client certificate"));
    CHECK_FALSE(fault.mayHaveArrived);
  }
  FAIL("a hundred connections were reset before the alert could be read");
}

std::atomic<int> brokenPipes{0};

/// Counts SIGPIPE for a scope, wherever in the process it arrives.
class PipeWatch {
 public:
  PipeWatch() {
    brokenPipes = 0;
    struct sigaction action = {};
    action.sa_handler = [](int) { ++brokenPipes; };
    sigaction(SIGPIPE, &action, &former_);
  }
  PipeWatch(const PipeWatch&) = delete;
  PipeWatch& operator=(const PipeWatch&) = delete;
  ~PipeWatch() { sigaction(SIGPIPE, &former_, nullptr); }

 private:
  struct sigaction former_ = {};
};

}  // namespace

TEST_CASE("a server's certificate is verified") {
  if (skipped()) return;
  Authorities made;
  const TlsServer server({made.signedBy("ours", "server"), made.key("server")});
  SECTION("by the authority that was given") {
    const auto transport = http::makeCurlTransport({.tls = {.caFile = made.ours}});
    for (const std::size_t size : {4u, 400000u, 4000000u}) {
      const auto response = exchange(*transport, sending("PUT", server.url(), std::string(size, 'x')));
      CHECK(response.fault.message == "");
      CHECK(response.body == "secure " + std::to_string(size));
    }
    CHECK(get(*transport, server.url("https", "localhost")).body == "secure 0");
  }
  SECTION("by another authority") {
    checkRefused(put({.caFile = made.other}, server.url()).fault,
                 "unable to get local issuer certificate; give its authority's certificate as tls.caFile");
  }
  SECTION("by the system's") {
    checkRefused(put({}, server.url()).fault, "the certificate of 127.0.0.1:" + std::to_string(server.port()) + " was not");
  }
  SECTION("not at all, where that is asked for") { CHECK(put({.verify = false}, server.url()).body == "secure 4"); }
  SECTION("by a file that is not there") {
    checkRefused(put({.caFile = made.at("nothing")}, server.url()).fault, "tls.caFile: `" + made.at("nothing") + "` cannot be read");
  }
  SECTION("by a file that is no certificate") {
    checkRefused(put({.caFile = made.write("junk", "hello")}, server.url()).fault,
                 "tls.caFile: `" + made.at("junk") + "` cannot be read or holds no");
  }
}

TEST_CASE("a self-signed certificate is refused unless it is given as its own authority") {
  if (skipped()) return;
  Authorities made;
  const TlsServer server({made.ours, made.key("ours")});
  checkRefused(put({}, server.url()).fault, "self-signed certificate; give its authority's certificate as tls.caFile");
}

TEST_CASE("an expired certificate is refused, and one that is not yet valid") {
  if (skipped()) return;
  Authorities made;
  const TlsServer expired({made.signedBy("ours", "old", "IP:127.0.0.1", "20190101", "20200101"), made.key("old")});
  checkRefused(put({.caFile = made.ours}, expired.url()).fault, "certificate has expired; it has to be renewed");
  const TlsServer early({made.signedBy("ours", "early", "IP:127.0.0.1", "20480101", "20490101"), made.key("early")});
  checkRefused(put({.caFile = made.ours}, early.url()).fault, "certificate is not yet valid; check this machine's clock");
}

TEST_CASE("a certificate for another host is refused") {
  if (skipped()) return;
  Authorities made;
  const TlsServer server({made.signedBy("ours", "server", "DNS:other.example"), made.key("server")});
  checkRefused(put({.caFile = made.ours}, server.url()).fault, "use a name that the certificate holds in the URL");
  CHECK(put({.verify = false}, server.url()).status == 200);
}

TEST_CASE("a client certificate is shown where the server demands one") {
  if (skipped()) return;
  Authorities made;
  const TlsServer server({made.signedBy("ours", "server"), made.key("server"), "--client-ca", made.ours});
  const auto me = made.signedBy("ours", "me"), stranger = made.signedBy("other", "stranger");
  SECTION("a good one") {
    CHECK(put({.caFile = made.ours, .clientCertificate = me, .clientKey = made.key("me")}, server.url()).body == "secure 4");
  }
  SECTION("none") { checkObjection({.caFile = made.ours}, server.url(), "demands a client certificate"); }
  SECTION("one of a stranger") {
    checkObjection({.caFile = made.ours, .clientCertificate = stranger, .clientKey = made.key("stranger")}, server.url(),
                   "did not accept our client certificate");
  }
  SECTION("one that is not there") {
    checkRefused(put({.caFile = made.ours, .clientCertificate = made.at("nothing"), .clientKey = made.key("me")}, server.url()).fault,
                 "tls.clientCertificate: `" + made.at("nothing") + "` cannot be used");
  }
  SECTION("a key that is not there") {
    checkRefused(put({.caFile = made.ours, .clientCertificate = me, .clientKey = made.at("nothing")}, server.url()).fault,
                 "tls.clientKey: `" + made.at("nothing") + "` cannot be used");
  }
  SECTION("a key of another certificate") {
    checkRefused(put({.caFile = made.ours, .clientCertificate = me, .clientKey = made.key("stranger")}, server.url()).fault,
                 "tls.clientKey: `");
  }
}

TEST_CASE("TLS and plain HTTP that meet say so") {
  if (skipped()) return;
  Authorities made;
  SECTION("TLS at a server without it") {
    const RawServer server([](RawConnection& connection) {
      (void)connection.readBytes(5);
      connection.answer("what?", "400 Bad Request");
    });
    const auto fault = put({}, "https" + server.url().substr(4)).fault;
    CHECK(fault.kind == Kind::tls);
    CHECK(fault.message ==
          "127.0.0.1:" + std::to_string(server.port()) + " does not speak TLS; if that is meant, write http:// instead of https://");
    CHECK(fault.connected);
    CHECK_FALSE(fault.mayHaveArrived);
  }
  SECTION("plain HTTP at a server with it") {
    const TlsServer server({made.ours, made.key("ours")});
    const auto fault = put({}, server.url("http")).fault;
    INFO(fault.message);
    CHECK((fault.kind == Kind::protocol || fault.kind == Kind::reset));
    CHECK(has(fault.message, "https://"));
  }
  SECTION("a server that closes during the handshake") {
    const RawServer server([](RawConnection& connection) { (void)connection.readBytes(5); });
    const auto fault = put({}, "https" + server.url().substr(4)).fault;
    INFO(fault.message);
    CHECK(fault.kind == Kind::reset);
    CHECK(has(fault.message, "during the TLS handshake"));
    CHECK_FALSE(fault.mayHaveArrived);
  }
}

TEST_CASE("TLS connections that break raise no signal") {
  if (skipped()) return;
  Authorities made;
  made.signedBy("ours", "server");
  const PipeWatch watch;
  SECTION("while sending") {
    const TlsServer server({made.file("server"), made.key("server"), "--slam", "1000"});
    for (int i = 0; i < 5; ++i) {
      const auto response = put({.caFile = made.ours}, server.url(), std::string(8u << 20, 'x'));
      CHECK(response.fault.kind == Kind::reset);
      CHECK(response.fault.mayHaveArrived);
    }
  }
  SECTION("while idle") {
    const TlsServer server({made.file("server"), made.key("server"), "--once"});
    const auto transport = http::makeCurlTransport({.tls = {.caFile = made.ours}});
    for (int i = 0; i < 5; ++i) {
      CHECK(get(*transport, server.url()).fault.message == "");
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  CHECK(brokenPipes == 0);
}
