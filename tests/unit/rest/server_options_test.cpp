#include "rest/server_options.hpp"

#include <algorithm>
#include <fstream>
#include <future>

#include "run/worker_pool.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace std::chrono_literals;
using Problems = std::vector<std::string>;

namespace {

Problems check(const ClientOptions& options) {
  Problems problems;
  rest::checkServerOptions(problems, options);
  return problems;
}

ClientOptions at(std::string url) {
  ClientOptions options;
  options.url = std::move(url);
  return options;
}

/// Whether there is exactly one problem, and it begins with the field's name.
bool onlyAbout(const Problems& problems, const std::string& field) { return problems.size() == 1 && problems.front().starts_with(field); }

/// The options with one thing changed.
template <class Change>
Problems with(Change change, std::string url = "http://localhost:6333") {
  auto options = at(std::move(url));
  change(options);
  return check(options);
}

}  // namespace

TEST_CASE("good options have no problems") {
  CHECK(check(at("http://localhost:6333")).empty());
  CHECK(check(at("https://cluster.example:6333/qdrant/")).empty());
  CHECK(check(ClientOptions()).empty());
  auto options = at("https://cluster.example");
  options.endpoints = {"https://node1.example", "https://node2.example:6333"};
  options.apiKey = "key with blanks, even";
  options.rest.headers = {{"X-Tenant", "acme\tand more"}};
  options.rest.consistency = "majority";
  options.rest.connections = 1000;
  options.rest.idleTimeout = 0ms;
  options.rest.userAgent = "mine/1.0";
  CHECK(check(options).empty());
}

TEST_CASE("every bad field is named at once") {
  auto options = at("ftp://host");
  options.endpoints = {"http://fine", "http://user:pw@host"};
  options.apiKey = "key\r\nX-Evil: 1";
  options.rest.bearerToken = [] { return "t"; };
  options.rest.headers = {{"bad name", "v"}, {"Good", "line\nbreak"}, {"Content-Length", "7"}};
  options.rest.consistency = "most";
  options.rest.connectTimeout = 0ms;
  options.rest.idleTimeout = -1ms;
  options.rest.serverTimeout = -1s;
  options.rest.maxResponseBytes = 0;
  options.rest.connections = 1001;
  options.rest.userAgent = "a\nb";
  options.tls.caFile = "/no/such/ca.pem";
  options.tls.clientKey = "/no/such/key.pem";
  const auto problems = check(options);
  for (const std::string start :
       {"url: ", "endpoints[0]: the API key", "endpoints[1]: ", "apiKey: has a line break", "apiKey and rest.bearerToken: ",
        "rest.headers: `bad name`", "rest.headers: the value of `Good`", "rest.headers: `Content-Length`", "rest.consistency: `most`",
        "rest.connectTimeout: ", "rest.idleTimeout: ", "rest.serverTimeout: ", "rest.maxResponseBytes: ", "rest.connections: ",
        "rest.userAgent: ", "tls.caFile: the file `/no/such/ca.pem`", "tls.clientKey: the file", "tls.clientKey: belongs"}) {
    CAPTURE(start);
    CHECK(std::count_if(problems.begin(), problems.end(), [&](const auto& problem) { return problem.starts_with(start); }) == 1);
  }
  CHECK(problems.size() == 18);
  for (const auto& problem : problems) CHECK(problem.find("X-Evil") == std::string::npos);
}

TEST_CASE("URLs that cannot be a server's") {
  for (const auto* url : {"localhost:6333", "ftp://host", "http://", "http://host:0", "http://host:70000", "http://user:pw@host",
                          "http://a b", "http://host?x=1", "http://host#x", "http://host\n"}) {
    CAPTURE(url);
    CHECK(onlyAbout(check(at(url)), "url: "));
  }
  CHECK(onlyAbout(with([](auto& options) { options.endpoints = {"", "http://b"}; }), "endpoints[0]: "));
}

TEST_CASE("a key goes in the clear to this very machine only, unless that is allowed") {
  const auto key = [](ClientOptions& options) { options.apiKey = "key"; };
  CHECK(onlyAbout(with(key, "http://db.example:6333"), "url: the API key would go to db.example in the clear"));
  CHECK(onlyAbout(with(key, "http://192.168.1.2"), "url: the API key"));
  CHECK(onlyAbout(with(key, "http://localhost.example"), "url: the API key"));
  for (const auto* url : {"https://db.example", "http://localhost", "http://127.0.0.1:6333", "http://127.9.9.9", "http://[::1]:6333",
                          "http://qdrant.localhost"}) {
    CAPTURE(url);
    CHECK(with(key, url).empty());
  }
  CHECK(with([](auto& options) { options.apiKey = "key", options.allowKeyOverPlainHttp = true; }, "http://db.example").empty());
  CHECK(check(at("http://db.example")).empty());
  CHECK(onlyAbout(with([](auto& options) { options.apiKey = "key", options.endpoints = {"http://db.example"}; }),
                  "endpoints[0]: the API key"));
  SECTION("by whatever way it is given") {
    const std::string url = "http://db.example";
    CHECK(onlyAbout(with([](auto& options) { options.rest.bearerToken = [] { return "t"; }; }, url), "url: "));
    CHECK(onlyAbout(with([](auto& options) { options.rest.headers = {{"API-Key", "k"}}; }, url), "url: "));
    CHECK(onlyAbout(with([](auto& options) { options.rest.headers = {{"authorization", "Basic x"}}; }, url), "url: "));
    CHECK(with([](auto& options) { options.rest.headers = {{"X-Tenant", "acme"}}; }, url).empty());
  }
}

TEST_CASE("keys and headers that HTTP cannot carry") {
  for (const auto* key : {"a\nb", "a\rb", "key\n", "\x01", "\x7f"})
    CHECK(onlyAbout(with([&](auto& options) { options.apiKey = key; }), "apiKey: has a line break or another control character"));
  CHECK(onlyAbout(with([](auto& options) { options.apiKey = "key", options.rest.bearerToken = [] { return "t"; }; }),
                  "apiKey and rest.bearerToken: "));
  for (const auto* name : {"", "a b", "a:", "ä", "a\n", "(x)"}) {
    CAPTURE(name);
    CHECK(onlyAbout(with([&](auto& options) { options.rest.headers = {{name, "v"}}; }), "rest.headers: `"));
  }
  for (const auto* name : {"host", "Content-Length", "TRANSFER-ENCODING"}) {
    CAPTURE(name);
    CHECK(onlyAbout(with([&](auto& options) { options.rest.headers = {{name, "v"}}; }), "rest.headers: `"));
  }
  CHECK(onlyAbout(with([](auto& options) { options.rest.headers = {{"X", "a\r\nY: b"}}; }), "rest.headers: the value of `X`"));
}

TEST_CASE("files of TLS must be there, and a key needs its certificate") {
  const test::ScratchFolder folder;
  const auto file = (folder.path() / "file.pem").string();
  std::ofstream(file) << "something";
  CHECK(with([&](auto& options) { options.tls.caFile = file; }).empty());
  CHECK(with([&](auto& options) { options.tls.clientCertificate = file; }).empty());
  CHECK(with([&](auto& options) { options.tls.clientCertificate = options.tls.clientKey = file; }).empty());
  CHECK(onlyAbout(with([&](auto& options) { options.tls.clientKey = file; }), "tls.clientKey: belongs to a certificate"));
  for (const auto member : {&TlsOptions::caFile, &TlsOptions::clientCertificate}) {
    const auto problems = with([&](auto& options) { options.tls.*member = file + ".not"; });
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].find(file + ".not") != std::string::npos);
  }
}

TEST_CASE("consistency is a word of Qdrant's or a number of replicas") {
  for (const auto* word : {"", "majority", "quorum", "all", "1", "12"})
    CHECK(with([&](auto& options) { options.rest.consistency = word; }).empty());
  for (const auto* word : {"most", "0", "01", "-1", "1.5", "ALL", "1&timeout=9", "12345678901"}) {
    CAPTURE(word);
    CHECK(onlyAbout(with([&](auto& options) { options.rest.consistency = word; }), "rest.consistency: "));
  }
}

TEST_CASE("options of a server that is not set are named") {
  const auto unset = [](auto change) { return with(change, ""); };
  CHECK(onlyAbout(unset([](auto& options) { options.endpoints = {"http://b"}; }), "endpoints: belongs to url"));
  CHECK(onlyAbout(unset([](auto& options) { options.apiKey = "key"; }), "apiKey: "));
  CHECK(onlyAbout(unset([](auto& options) { options.allowKeyOverPlainHttp = true; }), "allowKeyOverPlainHttp: "));
  CHECK(onlyAbout(unset([](auto& options) { options.tls.caFile = "x"; }), "tls: "));
  CHECK(onlyAbout(unset([](auto& options) { options.tls.verify = false; }), "tls: "));
  CHECK(onlyAbout(unset([](auto& options) { options.rest.ordering = WriteOrdering::strong; }), "rest: "));
  CHECK(onlyAbout(unset([](auto& options) { options.rest.bearerToken = [] { return "t"; }; }), "rest: "));
  CHECK(onlyAbout(unset([](auto& options) { options.rest.proxy = "http://p"; }), "rest: "));
  CHECK(unset([](auto& options) {
          options.apiKey = "key", options.endpoints = {"x"}, options.tls.clientKey = "x", options.rest.shardKey = "x";
        }).size() == 4);
}

TEST_CASE("connecting sends nothing, and says so where nobody listens") {
  // Port 1 of this machine: nobody listens there.
  run::WorkerPool pool(1);
  const auto backend = rest::connect(at("http://127.0.0.1:1"), [&](std::function<void()> task) { pool.post(std::move(task)); });
  REQUIRE(backend);
  const Request request = CountPoints{"c", ""};
  std::promise<Reply> promise;
  backend->run(request, {}, [&](Reply reply) { promise.set_value(std::move(reply)); });
  const auto reply = promise.get_future().get();
  CHECK(reply.verdict.kind == Verdict::Kind::unavailable);
  CHECK(reply.verdict.neverConnected);
  CHECK(reply.verdict.error.message().find("127.0.0.1") != std::string::npos);
}
