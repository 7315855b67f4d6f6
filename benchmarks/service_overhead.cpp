// What qbatch-service costs over calling the library directly: 32 connections, or as many threads, store batches of 100 patterns with ready
// vectors into the embedded engine in memory, the same points again and again, in interleaved rounds. Directly, a program is handed the
// same JSON and gives the same JSON back, as the service does; beside it, one whose patterns are in memory as the library takes them.
// usage: service_overhead SERVICE-PROGRAM [ROUNDS]
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "qbatch/local.hpp"
#include "qbatch/qbatch.hpp"
#include "support/figures.hpp"
#include "support/rounds.hpp"
#include "support/sockets.hpp"
#include "support/workload.hpp"

namespace {

constexpr std::size_t connections = 32, perBatch = 100, batches = 12;

/// What each connection sends: the patterns, the body with them, and the request with that.
struct Batch {
  std::vector<qbatch::Pattern> patterns;
  std::string body, request;
};

std::string jsonOf(const qbatch::Pattern& pattern) {
  qbatch::Payload json{{"description", pattern.description}, {"code", pattern.code}, {"language", pattern.language}};
  std::string vector = "[";
  for (const float value : pattern.vector) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%s%.9g", vector.size() == 1 ? "" : ",", static_cast<double>(value));
    vector += digits;
  }
  json.set("id", static_cast<std::int64_t>(pattern.id->number())).setJson("vector", vector + "]");
  return std::string(json.json());
}

std::vector<Batch> makeBatches() {
  auto patterns = bench::readyPatterns(connections * perBatch);
  std::vector<Batch> all(connections);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    auto& batch = all[i / perBatch];
    batch.body += (batch.body.empty() ? R"({"patterns":[)" : ",") + jsonOf(patterns[i]);
    batch.patterns.push_back(std::move(patterns[i]));
  }
  for (auto& batch : all) {
    batch.body += "]}";
    batch.request = "POST /batch/store/patterns HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
                    std::to_string(batch.body.size()) + "\r\n\r\n" + batch.body;
  }
  return all;
}

/// On a free port, over a store in memory, until the end of the scope.
class Service {
 public:
  explicit Service(const std::string& program) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe can be had");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execl(program.c_str(), program.c_str(), "--listen", "127.0.0.1:0", "--local", ":memory:", "--no-access-log", "--quiet", nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    std::string line;
    for (char byte = 0; ::read(ends[0], &byte, 1) == 1 && byte != '\n';) line += byte;
    ::close(ends[0]);
    if (line.find("http://") != 0) throw std::runtime_error(program + " did not start");
    port_ = static_cast<unsigned>(std::stoul(line.substr(line.rfind(':') + 1)));
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] unsigned port() const noexcept { return port_; }

 private:
  pid_t pid_ = -1;
  unsigned port_ = 0;
};

/// `work` on a thread for each connection; what one throws is thrown.
double onAll(const std::function<void(std::size_t connection)>& work) {
  std::exception_ptr failure;
  const auto seconds = bench::secondsOf([&] {
    std::vector<std::jthread> threads;
    std::mutex mutex;
    for (std::size_t connection = 0; connection < connections; ++connection)
      threads.emplace_back([&, connection] {
        try {
          work(connection);
        } catch (...) {
          const std::lock_guard lock(mutex);
          failure = std::current_exception();
        }
      });
    threads.clear();
  });
  if (failure) std::rethrow_exception(failure);
  return seconds;
}

double throughService(const Service& service, const std::vector<Batch>& all) {
  return onAll([&](std::size_t connection) {
    const auto socket = bench::connectTo(service.port());
    bench::MessageReader reader(socket.get(), true);
    for (std::size_t i = 0; i < batches; ++i) {
      bench::sendAll(socket.get(), all[connection].request);
      if (!reader.next() || reader.body().find("\"successful\":100,\"failed\":0") == std::string::npos)
        throw std::runtime_error("not stored: " + reader.body().substr(0, 300));
    }
  });
}

void requireStored(const qbatch::StoreReport& report) {
  if (!report.ok()) throw std::runtime_error("not stored: " + report.stopped().message());
}

double fromJson(qbatch::BatchClient& client, const std::vector<Batch>& all) {
  return onAll([&](std::size_t connection) {
    auto body = all[connection].body;
    for (std::size_t i = 0; i < batches; ++i) {
      const auto parsed = qbatch::parsePatternsIn(body, "patterns");
      const auto report = client.storePatterns(parsed.items->items);
      requireStored(report);
      if (toJson(report, *parsed.items).empty()) throw std::runtime_error("no answer");
    }
  });
}

double ready(qbatch::BatchClient& client, const std::vector<Batch>& all) {
  return onAll([&](std::size_t connection) {
    for (std::size_t i = 0; i < batches; ++i) requireStored(client.storePatterns(all[connection].patterns));
  });
}

void compare(const std::string& program, std::size_t rounds) {
  const auto all = makeBatches();
  const Service service(program);
  qbatch::ClientOptions options;
  options.backend = qbatch::makeLocalBackend(":memory:");
  qbatch::BatchClient client(options);
  std::vector<double> services, fromTexts, readies;
  for (std::size_t round = 0; round < rounds + 1; ++round) {
    const auto one = throughService(service, all), two = fromJson(client, all), three = ready(client, all);
    if (round == 0) continue;  // the first one creates the points
    services.push_back(one);
    fromTexts.push_back(two);
    readies.push_back(three);
  }
  const std::string what = "32 connections storing batches of 100 x 384: wall time";
  bench::tell(
      {"service_overhead", what, "the library, from the same JSON and to it", "ratio", bench::ratioOf(services, fromTexts), 1.10, {}, ""});
  bench::tell({"service_overhead",
               what,
               "the library, patterns in memory",
               "ratio",
               bench::ratioOf(services, readies),
               {},
               {},
               "what JSON costs is in it"});
}

}  // namespace

int main(int argc, char** argv) {
  return bench::mainOf("service_overhead", [&] {
    if (argc < 2) throw std::invalid_argument("usage: service_overhead SERVICE-PROGRAM [ROUNDS]");
    compare(argv[1], argc > 2 ? std::stoul(argv[2]) : bench::roundsOr(11));
  });
}
