#ifdef QBATCH_SERVICE
#include <atomic>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/service_program.hpp"

// qbatch-service under many connections at once.
namespace qbatch::test {
namespace {

/// A hundred patterns with ready vectors; each connection writes the same points again and again.
std::string batchOf(std::size_t connection) {
  std::string body = R"({"patterns":[)";
  for (std::size_t i = 0; i < 100; ++i) {
    body += (i == 0 ? "" : ",") + (R"({"id":)" + std::to_string(connection * 100 + i) + R"(,"description":"d","vector":[)");
    for (int j = 0; j < 384; ++j)
      body += (j == 0 ? "" : ",") + ("0." + std::to_string(100 + (i * 37 + static_cast<std::size_t>(j) * 11) % 900));
    body += "]}";
  }
  return body + "]}";
}

std::size_t residentKib(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
  return 0;
}

}  // namespace

TEST_CASE("service: 32 connections store batches of 100: no error, and memory that does not grow", "[service]") {
  const ServiceProgram service({"--local", ":memory:", "--no-access-log", "--quiet"});
  constexpr std::size_t connections = 32;
  const auto rounds = campaignSize(24);
  std::atomic<std::size_t> bad = 0, answered = 0, warm = 0;
  const auto work = [&](std::size_t connection) {
    const auto request = rawRequest("POST", "/batch/store/patterns", batchOf(connection), "content-type: application/json\r\n");
    RawClient client(service.port());
    for (std::size_t round = 0; round < rounds; ++round) {
      const auto answer = client.ask(request);
      if (!answer || answer->status != 200 || answer->body.find(R"("successful":100,"failed":0)") == std::string::npos) ++bad;
      ++answered;
      // After a third of the work everything has its size.
      if (answered == connections * rounds / 3) warm = residentKib(service.pid());
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t connection = 0; connection < connections; ++connection) threads.emplace_back(work, connection);
  for (auto& thread : threads) thread.join();
  CHECK(bad == 0);
  CHECK(answered == connections * rounds);
  const auto atEnd = residentKib(service.pid());
  CAPTURE(warm, atEnd);
  CHECK(warm > 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(atEnd < warm + warm / 4 + (8u << 10));
#endif
}

}  // namespace qbatch::test
#endif
