#include "support/sink.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "support/sockets.hpp"

namespace bench {
namespace {

constexpr std::string_view server = R"({"title":"qdrant - vector search engine","version":"1.18.3","commit":"sink"})";
constexpr std::string_view description =
    R"({"result":{"status":"green","optimizer_status":"ok","indexed_vectors_count":0,"points_count":0,"segments_count":1,"config":{"params":{"vectors":{"size":384,"distance":"Cosine"},"shard_number":1,"replication_factor":1,"write_consistency_factor":1,"on_disk_payload":true},"hnsw_config":{"m":16,"ef_construct":100,"full_scan_threshold":10000,"max_indexing_threads":0,"on_disk":false},"optimizer_config":{"deleted_threshold":0.2,"vacuum_min_vector_number":1000,"default_segment_number":0,"max_segment_size":null,"memmap_threshold":null,"indexing_threshold":10000,"flush_interval_sec":5,"max_optimization_threads":null},"wal_config":{"wal_capacity_mb":32,"wal_segments_ahead":0,"wal_retain_closed":1},"quantization_config":null,"strict_mode_config":{"enabled":false}},"payload_schema":{},"update_queue":{"length":0}},"status":"ok","time":0.0001})";
constexpr std::string_view written = R"({"result":{"operation_id":1,"status":"completed"},"status":"ok","time":0.0001})";
constexpr std::string_view yes = R"({"result":true,"status":"ok","time":0.0001})";
constexpr std::string_view nothing = R"({"result":[],"status":"ok","time":0.0001})";
constexpr std::string_view counted = R"({"result":{"count":20000},"status":"ok","time":0.0001})";

std::string hit(std::size_t number) {
  return R"({"id":)" + std::to_string(number) + R"(,"version":7,"score":0.)" + std::to_string(50000 + number) +
         R"(,"payload":{"description":"Reads a file line by line and hands out each line without its end","code":"for (std::string line; std::getline(in, line);) {\n  if (!line.empty() && line.back() == '\\r') line.pop_back();\n  if (line.empty() || line.starts_with(\"#\")) continue;\n  const auto at = line.find('=');\n  if (at == std::string::npos) throw ParseError(\"no = in \" + line);\n  values.emplace(line.substr(0, at), line.substr(at + 1));\n}\n","language":"cpp","success_rate":0.75,"usage_count":)" +
         std::to_string(number % 100) + R"(,"last_used":"2026-11-24T12:00:00Z","project":"example"}})";
}

std::string hits() {
  std::string text = R"({"result":[)";
  for (std::size_t query = 0; query < 100; ++query) {
    text += query == 0 ? R"({"points":[)" : R"(,{"points":[)";
    for (std::size_t i = 0; i < 5; ++i) text += (i == 0 ? "" : ",") + hit(query * 5 + i);
    text += "]}";
  }
  return text + R"(],"status":"ok","time":0.001})";
}

std::string answer(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::string answerTo(const std::string& head) {
  static const std::string found = answer(hits()), stored = answer(written);
  const std::string_view line = std::string_view(head).substr(0, head.find("\r\n"));
  const auto has = [line](std::string_view part) { return line.find(part) != std::string_view::npos; };
  if (has("/points/query/batch")) return found;
  if (has("/points/count")) return answer(counted);
  if (line.starts_with("PUT") && has("/points")) return stored;
  if (line.starts_with("POST") && has("/points")) return answer(nothing);
  if (!line.starts_with("GET")) return answer(yes);
  return has("/collections/") ? answer(description) : answer(server);
}

void serve(int descriptor) {
  const Socket socket(descriptor);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  try {
    MessageReader requests(descriptor, false);
    while (requests.next()) sendAll(descriptor, answerTo(requests.head()));
  } catch (const std::exception&) {  // the client went away
  }
}

[[noreturn]] void serveAll(const Socket& listener) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) {
    const int descriptor = ::accept(listener.get(), nullptr, nullptr);
    if (descriptor < 0) ::_exit(1);
    std::thread(serve, descriptor).detach();
  }
}

}  // namespace

Sink::Sink() {
  const auto listener = listenHere();
  url_ = "http://127.0.0.1:" + std::to_string(portOf(listener));
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("cannot start the sink");
  if (process_ == 0) serveAll(listener);
}

Sink::~Sink() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

}  // namespace bench
