// How close an upload comes to the server's own speed: 20,000 ready vectors of 384 floats, 100 a request, 4 connections, to the Qdrant
// server that the URL names. Three ways in interleaved rounds, each in a process of its own: the same request bodies built beforehand and
// sent by plain sockets (the floor), storePatterns with Existing::replace (one request a chunk), and storePatterns as it is by default (a
// look-up before each). Prints medians: wall time and its ratio to the floor, client CPU a point, and how much memory the upload took at
// its peak. Needs a server without TLS and key on this machine.
// usage: upload URL [ROUNDS]
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <iostream>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "codec/encode_payload.hpp"
#include "codec/encode_requests.hpp"
#include "http/url.hpp"
#include "qbatch/qbatch.hpp"

namespace {

constexpr std::size_t points = 20000, dimension = 384, perRequest = 100, connections = 4;
const std::string collection = "qbatch_upload_benchmark";

struct Figures {
  double seconds{}, cpuMicroseconds{}, peakMegabytes{};
};

std::vector<qbatch::Pattern> makePatterns() {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 0.05f);
  std::vector<qbatch::Pattern> patterns(points);
  for (std::size_t i = 0; i < points; ++i) {
    patterns[i].id = qbatch::PointId(i);
    patterns[i].description = "pattern " + std::to_string(i);
    patterns[i].vector.resize(dimension);
    for (auto& value : patterns[i].vector) value = normal(random);
  }
  return patterns;
}

std::vector<std::string> makeRequests(const std::vector<qbatch::Pattern>& patterns, const qbatch::http::Url& url) {
  std::vector<std::string> requests;
  for (std::size_t first = 0; first < points; first += perRequest) {
    std::array<std::string, perRequest> payloads;
    std::vector<qbatch::PointView> views;
    for (std::size_t i = 0; i < perRequest; ++i) {
      const auto& pattern = patterns[first + i];
      qbatch::codec::appendPatternPayload(payloads[i], pattern, {});
      views.push_back({*pattern.id, pattern.vector, payloads[i]});
    }
    std::string body;
    qbatch::codec::UpsertBody upsert;
    upsert.points = views;
    qbatch::codec::appendUpsert(body, upsert);
    requests.push_back("PUT " + url.path + "/collections/" + collection + "/points?wait=true HTTP/1.1\r\nHost: " + url.host +
                       "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  return requests;
}

int connectTo(const qbatch::http::Url& url) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(url.port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("cannot connect");
  return descriptor;
}

// Sends one request and reads its answer, which has a length and fits into one buffer.
void exchange(int descriptor, const std::string& request) {
  for (std::size_t sent = 0; sent < request.size();) {
    const auto done = ::send(descriptor, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (done <= 0) throw std::runtime_error("cannot send");
    sent += static_cast<std::size_t>(done);
  }
  std::string answer;
  std::array<char, 8192> buffer{};
  for (;;) {
    const auto got = ::recv(descriptor, buffer.data(), buffer.size(), 0);
    if (got <= 0) throw std::runtime_error("no answer");
    answer.append(buffer.data(), static_cast<std::size_t>(got));
    const auto head = answer.find("\r\n\r\n");
    if (head == std::string::npos) continue;
    const auto length = answer.find("content-length: ");
    if (length == std::string::npos) throw std::runtime_error("an answer without its length");
    if (answer.size() >= head + 4 + std::strtoul(answer.c_str() + length + 16, nullptr, 10)) break;
  }
  if (answer.find("\"completed\"") == std::string::npos) throw std::runtime_error("refused: " + answer);
}

void replay(const std::vector<std::string>& requests, const qbatch::http::Url& url) {
  std::atomic<std::size_t> next{0};
  std::vector<std::future<void>> threads;
  for (std::size_t i = 0; i < connections; ++i)
    threads.push_back(std::async(std::launch::async, [&] {
      const int descriptor = connectTo(url);
      for (auto at = next++; at < requests.size(); at = next++) exchange(descriptor, requests[at]);
      ::close(descriptor);
    }));
  for (auto& thread : threads) thread.get();
}

template <class Answer>
Answer ask(qbatch::Backend& backend, const qbatch::Request& request) {
  std::promise<qbatch::Reply> reply;
  backend.run(request, {}, [&](qbatch::Reply answer) { reply.set_value(std::move(answer)); });
  auto answer = reply.get_future().get();
  if (answer.verdict.error) throw qbatch::RequestError(answer.verdict.error);
  return std::get<Answer>(answer.answer);
}

double cpuSeconds(const rusage& usage) {
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

rusage usageNow() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage;
}

template <class Work>
Figures measure(Work work) {
  const auto before = usageNow();
  const auto began = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
  const auto after = usageNow();
  return {spent.count(), (cpuSeconds(after) - cpuSeconds(before)) * 1e6 / points,
          static_cast<double>(after.ru_maxrss - before.ru_maxrss) / 1024};
}

Figures uploadOnce(const std::string& way, const std::string& address) {
  const auto url = qbatch::http::parseUrl(address);
  const auto patterns = makePatterns();
  qbatch::ClientOptions options;
  options.url = address;
  options.collection = collection;
  options.flow.maxInFlight = connections;
  options.flow.adaptive = false;
  const auto backend = qbatch::makeRestBackend(options);
  ask<bool>(*backend, qbatch::DropCollection{collection});
  qbatch::CollectionInfo info;
  info.name = collection;
  info.dimension = dimension;
  ask<bool>(*backend, qbatch::CreateCollection{info});

  Figures figures;
  if (way == "replay") {
    const auto requests = makeRequests(patterns, url);
    figures = measure([&] { replay(requests, url); });
  } else {
    const auto existing = way == "replace" ? qbatch::Existing::replace : qbatch::Existing::keepMetrics;
    qbatch::BatchClient client(options);
    figures = measure([&] {
      const auto report = client.storePatterns(patterns, {.chunk = {perRequest}, .existing = existing});
      if (!report.ok()) throw std::runtime_error("not all stored: " + report.failures().front().error.message());
    });
  }
  if (ask<std::size_t>(*backend, qbatch::CountPoints{collection, ""}) != points) throw std::runtime_error("points are missing");
  ask<bool>(*backend, qbatch::DropCollection{collection});
  return figures;
}

// In a process of its own, so that CPU and memory are those of this way alone.
Figures inOwnProcess(const std::string& program, const std::string& way, const std::string& url) {
  const auto command = "'" + program + "' --way " + way + " '" + url + "'";
  FILE* const pipe = ::popen(command.c_str(), "r");
  Figures figures;
  const bool read = pipe && std::fscanf(pipe, "%lf %lf %lf", &figures.seconds, &figures.cpuMicroseconds, &figures.peakMegabytes) == 3;
  if (!pipe || ::pclose(pipe) != 0 || !read) throw std::runtime_error(way + " failed");
  return figures;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

int compare(const std::string& program, const std::string& url, int rounds) {
  const std::array<std::string, 3> ways = {"replay", "replace", "default"};
  std::map<std::string, std::vector<double>> seconds, cpu, peak, ratio;
  for (int round = 0; round < rounds; ++round) {
    std::map<std::string, double> now;
    for (const auto& way : ways) {
      const auto figures = inOwnProcess(program, way, url);
      now[way] = figures.seconds;
      seconds[way].push_back(figures.seconds);
      cpu[way].push_back(figures.cpuMicroseconds);
      peak[way].push_back(figures.peakMegabytes);
    }
    for (const auto& way : ways) ratio[way].push_back(now[way] / now["replay"]);
  }
  std::printf("%zu points of %zu floats, %zu a request, %zu connections, medians of %d rounds\n", points, dimension, perRequest,
              connections, rounds);
  std::printf("%-36s %8s %10s %14s %12s\n", "", "seconds", "to floor", "CPU us/point", "peak MiB");
  const std::map<std::string, const char*> titles = {{"replay", "bodies built beforehand (floor)"},
                                                     {"replace", "storePatterns, replace"},
                                                     {"default", "storePatterns, default (looks up)"}};
  for (const auto& way : ways)
    std::printf("%-36s %8.3f %10.2f %14.1f %12.1f\n", titles.at(way), median(seconds[way]), median(ratio[way]), median(cpu[way]),
                median(peak[way]));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  try {
    if (words.size() == 4 && words[1] == "--way") {
      const auto figures = uploadOnce(words[2], words[3]);
      std::printf("%f %f %f\n", figures.seconds, figures.cpuMicroseconds, figures.peakMegabytes);
      return 0;
    }
    if (words.size() == 2 || words.size() == 3) return compare(words[0], words[1], words.size() == 3 ? std::atoi(words[2].c_str()) : 7);
  } catch (const std::exception& error) {
    std::cerr << "upload: " << error.what() << '\n';
    return 1;
  }
  std::cerr << "usage: upload URL [ROUNDS]\n";
  return 2;
}
