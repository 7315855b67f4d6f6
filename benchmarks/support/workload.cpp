#include "support/workload.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <random>
#include <stdexcept>
#include <utility>

#include "codec/encode_payload.hpp"
#include "codec/encode_requests.hpp"
#include "http/url.hpp"

namespace bench {
namespace {

class Vectors {
 public:
  explicit Vectors(unsigned seed) : random_(seed) {}
  std::vector<float> next() {
    std::vector<float> vector(dimension);
    for (auto& value : vector) value = normal_(random_);
    return vector;
  }

 private:
  std::mt19937 random_;
  std::normal_distribution<float> normal_{0, 0.05f};
};

}  // namespace

std::vector<qbatch::Pattern> readyPatterns(std::size_t count) {
  Vectors vectors(1);
  std::vector<qbatch::Pattern> patterns(count);
  for (std::size_t i = 0; i < count; ++i) {
    patterns[i].id = qbatch::PointId(i);
    patterns[i].description = "pattern " + std::to_string(i);
    patterns[i].vector = vectors.next();
  }
  return patterns;
}

std::vector<qbatch::Query> readyQueries(std::size_t count) {
  Vectors vectors(2);
  std::vector<qbatch::Query> queries(count);
  for (std::size_t i = 0; i < count; ++i) queries[i].vector = vectors.next();
  return queries;
}

std::vector<std::string> upsertRequests(const std::vector<qbatch::Pattern>& patterns, std::size_t perRequest, const std::string& address,
                                        const std::string& collection) {
  const auto url = qbatch::http::parseUrl(address);
  std::vector<std::string> requests;
  for (std::size_t first = 0; first < patterns.size(); first += perRequest) {
    std::vector<std::string> payloads(perRequest);
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

PatternFile::PatternFile(const std::vector<qbatch::Pattern>& patterns) : path_("/tmp/qbatch-benchmark-XXXXXX") {
  const int descriptor = ::mkstemp(path_.data());
  std::FILE* const file = descriptor < 0 ? nullptr : ::fdopen(descriptor, "w");
  if (file == nullptr) throw std::runtime_error("no file in /tmp can be made");
  for (const auto& pattern : patterns) {
    std::string line = "{\"id\":" + pattern.id->toString() + ",\"description\":\"" + pattern.description + "\",\"vector\":[";
    for (const auto value : pattern.vector) {
      char text[32];
      line.append(text, std::to_chars(text, text + sizeof text, value).ptr);
      line += ',';
    }
    line.back() = ']';
    line += "}\n";
    std::fwrite(line.data(), 1, line.size(), file);
  }
  const bool written = std::fflush(file) == 0;
  std::fclose(file);
  if (!written) throw std::runtime_error(path_ + " could not be written");
}

PatternFile::~PatternFile() { std::remove(path_.c_str()); }

qbatch::Answer ask(qbatch::Backend& backend, const qbatch::Request& request) {
  std::promise<qbatch::Reply> reply;
  backend.run(request, {}, [&](qbatch::Reply answer) { reply.set_value(std::move(answer)); });
  auto answer = reply.get_future().get();
  if (answer.verdict.error) throw qbatch::RequestError(answer.verdict.error);
  return std::move(answer.answer);
}

void renewCollection(qbatch::Backend& backend, const std::string& collection) {
  static_cast<void>(ask(backend, qbatch::DropCollection{collection}));
  qbatch::CollectionInfo info;
  info.name = collection;
  info.dimension = dimension;
  static_cast<void>(ask(backend, qbatch::CreateCollection{info}));
}

}  // namespace bench
