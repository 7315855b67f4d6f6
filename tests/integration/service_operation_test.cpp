#ifdef QBATCH_SERVICE
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "qbatch/local_server.hpp"
#include "support/catch.hpp"
#include "support/cli_program.hpp"
#include "support/service_program.hpp"
#include "support/text_matchers.hpp"

// qbatch-service as those meet it who run it: probes, figures, keys, logs, stopping, arguments.
namespace qbatch::test {
namespace {

const std::string onePattern = R"({"patterns":[{"id":7,"description":"a-secret-text","code":"c","language":"l"}]})";

std::string bigBody() {
  std::string body = R"({"patterns":[)";
  for (int i = 0; i < 1000; ++i) body += (i == 0 ? "" : ",") + (R"({"code":")" + std::to_string(i) + std::string(3000, 'x') + "\"}");
  return body + "]}";
}

}  // namespace

TEST_CASE("service: it says what it is, how it is, and what it takes", "[service]") {
  const ServiceProgram service;
  CHECK(service.ask("GET", "/healthz").body == R"({"status":"ok"})");
  CHECK(service.ask("GET", "/readyz").body == R"({"status":"ready"})");
  CHECK(CliJson(service.ask("GET", "/").body).text("/service") == "qbatch-service");
  const CliJson interface(service.ask("GET", "/openapi.json").body);
  CHECK(interface.text("/openapi") == "3.0.3");
  simdjson::dom::parser parser;
  const simdjson::dom::element file = parser.load(QBATCH_SERVICE_INTERFACE);
  CHECK(simdjson::minify(interface.root) == simdjson::minify(file));
  const auto head = RawClient(service.port()).ask(rawRequest("HEAD", "/healthz")).value();
  CHECK(head.status == 200);
  CHECK(head.header("content-length") == "15");
}

TEST_CASE("service: figures in Prometheus' format", "[service]") {
  const ServiceProgram service;
  CHECK(service.post("/batch/store/patterns", onePattern).status == 200);
  CHECK(service.post("/batch/store/patterns", R"({"patterns":[5]})").status == 200);
  CHECK(service.ask("GET", "/patterns/7").status == 200);
  CHECK(service.ask("GET", "/nowhere").status == 404);
  CHECK(RawClient(service.port()).ask("BREW\"} 1 / HTTP/1.1\r\nHost: localhost\r\n\r\n")->status == 400);
  const auto figures = service.ask("GET", "/metrics");
  CHECK(figures.status == 200);
  CHECK_THAT(figures.header("content-type"), contains("version=0.0.4"));
  for (const std::string line :
       {R"(qbatch_http_requests_total{method="POST",route="/batch/store/patterns",status="200"} 2)",
        R"(qbatch_http_requests_total{method="GET",route="/patterns/{id}",status="200"} 1)",
        R"(qbatch_http_requests_total{method="GET",route="other",status="404"} 1)", R"(qbatch_items_total{verb="store",outcome="done"} 1)",
        R"(qbatch_items_total{verb="store",outcome="rejected"} 1)",
        R"(qbatch_http_request_seconds_bucket{method="POST",route="/batch/store/patterns",le="+Inf"} 2)",
        R"(qbatch_http_request_seconds_count{method="POST",route="/batch/store/patterns"} 2)",
        "# TYPE qbatch_http_request_seconds histogram"}) {
    INFO(figures.body);
    CHECK_THAT(figures.body, contains(line + "\n"));
  }
  CHECK(figures.body.find("BREW") == std::string::npos);
}

TEST_CASE("service: addresses, methods and content types that are not there are named", "[service]") {
  const ServiceProgram service;
  CHECK(service.ask("GET", "/nowhere").status == 404);
  CHECK(service.ask("GET", "/batch/store/patterns/").status == 404);
  CHECK(service.ask("GET", "//batch/store/patterns").status == 404);
  CHECK(service.ask("GET", "/patterns/").status == 404);
  const auto wrong = service.ask("GET", "/batch/store/patterns");
  CHECK(wrong.status == 405);
  CHECK(wrong.header("allow") == "POST");
  const auto options = service.ask("OPTIONS", "/batch/store/patterns", "", "Origin: http://evil.example\r\n");
  CHECK(options.status == 405);
  CHECK(options.head.find("ccess-control") == std::string::npos);  // no CORS
  for (const std::string type : {"content-type: text/plain\r\n", "content-type: application/x-www-form-urlencoded\r\n"})
    CHECK(service.post("/batch/store/patterns", onePattern, type).status == 415);
  CHECK(service.ask("POST", "/batch/store/patterns").status == 415);
  CHECK(service.post("/batch/store/patterns", onePattern, "content-type: Application/JSON; charset=utf-8\r\n").status == 200);
  CHECK(RawClient(service.port()).ask("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n")->status == 403);
  CHECK(service.ask("GET", "/patterns/code").status == 405);
  CHECK(service.ask("DELETE", "/patterns/7", R"({"collection":"other"})").status == 400);
}

TEST_CASE("service: every answer has an id, the client's where it is fit to be one", "[service]") {
  const ServiceProgram service;
  CHECK(service.ask("GET", "/healthz", "", "X-Request-Id: abc-1\r\n").header("x-request-id") == "abc-1");
  const auto made = service.ask("GET", "/healthz").header("x-request-id");
  CHECK_FALSE(made.empty());
  CHECK(service.ask("GET", "/healthz").header("x-request-id") != made);
  CHECK_FALSE(service.ask("GET", "/nowhere").header("x-request-id").empty());
  CHECK(service.ask("GET", "/healthz", "", "X-Request-Id: no \"good\" id\r\n").header("x-request-id").find('"') == std::string::npos);
}

TEST_CASE("service: the access log has a line a request, and no secrets", "[service]") {
  ServiceProgram service({"--local", ":memory:", "--service-key", "the-service-key"});
  const std::string headers = "api-key: the-service-key\r\ncookie: a-secret-cookie\r\nX-Request-Id: id-of-mine\r\n";
  CHECK(service.post("/batch/store/patterns", onePattern, headers).status == 200);
  CHECK(service.ask("GET", "/patterns/7?collection=a-secret-name", "", headers).status == 404);
  CHECK(service.ask("GET", "/no\x7f\xc3way", "", headers).status >= 400);
  CHECK(service.stop() == 0);
  const auto log = service.log();
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = log.find("\n{", at)) != std::string::npos; ++at) {
    const auto line = log.substr(at + 1, log.find('\n', at + 1) - at - 1);
    INFO(line);
    const CliJson entry(line);
    ++lines;
    CHECK_FALSE(entry.text("/client").empty());
    if (lines > 1) continue;
    CHECK(entry.text("/id") == "id-of-mine");
    CHECK(entry.text("/method") == "POST");
    CHECK(entry.text("/path") == "/batch/store/patterns");
    CHECK(entry.number("/status") == 200);
    CHECK(entry.number("/received") == static_cast<std::int64_t>(onePattern.size()));
  }
  CHECK(lines == 3);
  for (const std::string secret : {"the-service-key", "a-secret-cookie", "a-secret-text", "a-secret-name"})
    CHECK(log.find(secret) == std::string::npos);
}

TEST_CASE("service: with a key, only the probes go without it", "[service]") {
  const ServiceProgram service({"--local", ":memory:"}, {"QBATCH_SERVICE_KEY=key-1"});
  for (const std::string target : {"/healthz", "/readyz"}) CHECK(service.ask("GET", target).status == 200);
  for (const std::string target : {"/", "/metrics", "/openapi.json", "/patterns/7", "/nowhere"})
    CHECK(service.ask("GET", target).status == 401);
  CHECK(service.post("/batch/store/patterns", onePattern).status == 401);
  CHECK(service.post("/batch/store/patterns", onePattern, "api-key: key-2\r\n").status == 401);
  CHECK(service.post("/batch/store/patterns", onePattern, "api-key: key-1\r\n").status == 200);
  CHECK(service.post("/batch/store/patterns", onePattern, "Authorization: Bearer key-1\r\n").status == 200);
}

TEST_CASE("service: SIGTERM answers what is under way, and takes nothing more", "[service]") {
  ServiceProgram service({"--local", "store.db", "--grace", "60"});
  RawClient busy(service.port()), idle(service.port());
  REQUIRE(busy.send(rawRequest("POST", "/batch/store/patterns", bigBody(), "content-type: application/json\r\n")));
  // The store and this question are under way, or the store is over already.
  std::string figures;
  while (figures.find("qbatch_http_running 2\n") == std::string::npos && figures.find("/batch/store/patterns") == std::string::npos)
    figures = service.ask("GET", "/metrics").body;
  ::kill(service.pid(), SIGTERM);
  const auto answer = busy.answer();
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(CliJson(answer->body).number("/summary/successful") == 1000);
  CHECK(idle.closedByServer());
  CHECK(service.wait() == 0);
  CHECK_THAT(service.log(), contains("stopping"));
  CHECK_THROWS(RawClient(service.port()));
}

TEST_CASE("service: a store that went away is noticed at /readyz, and told of by its cause", "[service]") {
  LocalServer server;
  const ServiceProgram service({"--url", server.url(), "--request-timeout", "6"});
  CHECK(service.post("/batch/store/patterns", onePattern).status == 200);
  CHECK(service.ask("GET", "/readyz").status == 200);
  CHECK(service.ask("GET", "/readyz?collection=x").status == 200);
  server.stop();
  const auto ready = service.ask("GET", "/readyz");
  CHECK(ready.status == 503);
  CHECK(ready.body.find(std::to_string(server.port())) == std::string::npos);  // who asks has shown no key
  const auto stored = service.post("/patterns/code", R"({"description":"d"})");
  CHECK(stored.status == 502);
  CHECK_THAT(stored.body, contains("refused"));
  CHECK(service.ask("GET", "/healthz").status == 200);
}

TEST_CASE("service: it outlives who reads its log, and ends although nobody does", "[service]") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  {
    const ServiceProgram service({"--local", ":memory:"}, {}, ends[1]);
    ::close(ends[0]);
    for (int i = 0; i < 5; ++i) CHECK(service.ask("GET", "/healthz").status == 200);
  }
  ::close(ends[1]);
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  {
    ServiceProgram service({"--local", ":memory:"}, {}, ends[1]);
    const auto request = rawRequest("GET", "/" + std::string(3000, 'a'));
    RawClient client(service.port());
    for (int i = 0; i < 1000; ++i) REQUIRE(client.ask(request));
    CHECK(service.stop() == 0);
  }
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("service: before it stops it says at /readyz that it will", "[service]") {
  ServiceProgram service({"--local", ":memory:", "--drain-delay", "4"});
  CHECK(service.ask("GET", "/readyz").status == 200);
  ::kill(service.pid(), SIGTERM);
  int status = 200;
  while (status == 200) status = service.ask("GET", "/readyz").status;
  CHECK(status == 503);
  CHECK(service.ask("GET", "/healthz").status == 200);
  CHECK(service.wait() == 0);
}

TEST_CASE("service: a body too large is 413, one that is slow 408", "[service]") {
  const ServiceProgram service({"--local", ":memory:", "--max-body", "1", "--head-timeout", "0.3"});
  const auto answer = service.post("/batch/store/patterns", std::string(1100000, ' '));
  CHECK(answer.status == 413);
  CHECK_THAT(answer.body, contains("--max-body"));
  RawClient slow(service.port());
  slow.send("POST /batch/store/patterns HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
  CHECK(slow.answer()->status == 408);
}

TEST_CASE("service: wrong usage ends with 2, and what cannot be had with 3", "[service]") {
  const CliProgram program(QBATCH_SERVICE);
  struct Case {
    std::vector<std::string> words;
    int exit;
    std::string said;
  };
  const std::vector<Case> cases = {{{"--listen", "0.0.0.0:0", "--local", ":memory:"}, 2, "--allow-unprotected"},
                                   {{"--listen", "nonsense"}, 2, "--listen"},
                                   {{"--unknown"}, 2, "--unknown"},
                                   {{"--url", "http://x:1", "--local", "a"}, 2, "contradict"},
                                   {{"--embedder", "magic"}, 2, "--embedder"},
                                   {{"--max-patterns", "0"}, 2, "--max-patterns"},
                                   {{"--service-key", ""}, 2, "--service-key"},
                                   {{"--state", ""}, 2, "--state"},
                                   {{"--local", "/nowhere/at/all.db"}, 3, "/nowhere/at/all.db"},
                                   {{"--local", ":memory:", "--state", "/nowhere/at/all.db"}, 3, "/nowhere/at/all.db"}};
  for (const auto& [words, exit, said] : cases) {
    const auto result = program.run(words);
    INFO(words.front() << ": " << result.err);
    CHECK(result.exit == exit);
    CHECK_THAT(result.err, contains(said));
    CHECK(result.err.starts_with("qbatch-service: "));
    CHECK(result.out.empty());
  }
  CHECK_THAT(program.run({"--help"}).out, contains("/openapi.json"));
  CHECK_THAT(program.run({"--version"}).out, contains("qbatch-service 0.1.0"));
  ServiceProgram holder({"--local", "held.db"});
  const auto second = CliProgram(QBATCH_SERVICE).run({"--listen", "127.0.0.1:" + std::to_string(holder.port()), "--local", ":memory:"});
  CHECK(second.exit == 3);
  CHECK_THAT(second.err, contains(std::to_string(holder.port())));
}

}  // namespace qbatch::test
#endif
