#pragma once
#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qbatch/local_server.hpp"
#include "support/catch.hpp"
#include "support/raw_client.hpp"
#include "support/scratch_folder.hpp"

namespace qbatch::test {

/// A good request: "METHOD /path" and its body.
struct GoodRequest {
  std::string line, body;
};

/// One good request for each endpoint with a body; they work on the collection `w`, and make collections `new…`.
inline std::vector<GoodRequest> goodRequests() {
  const std::string filter =
      R"("filter":{"must":[{"key":"k","match":{"value":"x"}},{"key":"n","range":{"gte":1,"lt":9.5}}],"should":[{"has_id":[1,2]},)"
      R"({"is_empty":{"key":"e"}},{"is_null":{"key":"e"}},{"has_vector":""}],"must_not":[{"key":"l[]","match":{"any":[7,8]}}],)"
      R"("min_should":{"conditions":[{"nested":{"key":"o","filter":{"must":[{"key":"a","match":{"except":[5]}}]}}},)"
      R"({"key":"l","values_count":{"gt":0}},{"key":"t","range":{"gte":"2024-01-01T00:00:00Z"}}],"min_count":1}})";
  const std::string points = R"([{"id":1,"vector":{"":[1,2],"s":{"indices":[3,1],"values":[0.5,1]}},"payload":{"k":"x","n":1}},)"
                             R"({"id":"00000000-0000-4000-8000-000000000001","vector":[0.5,-1e3],"payload":null}])";
  const std::string w = "/collections/w", select = R"("limit":5,"with_payload":["k"],"with_vector":true)";
  return {
      {"PUT /collections/new",
       R"({"vectors":{"size":2,"distance":"Dot","on_disk":true},"sparse_vectors":{"s":{"index":{"on_disk":false}}},"hnsw_config":{"m":16},)"
       R"("optimizers_config":{"deleted_threshold":0.2},"shard_number":1,"on_disk_payload":true,"metadata":{"a":{"b":[1]}}})"},
      {"PUT /collections/new",
       R"({"vectors":{"a":{"size":2,"distance":"Cosine"},"b":{"size":3,"distance":"Euclid","hnsw_config":{"m":4}}}})"},
      {"PATCH " + w,
       R"({"vectors":{"":{"on_disk":true}},"sparse_vectors":{"s":{"index":{"on_disk":true}}},"hnsw_config":{"m":8},"metadata":{"a":1},)"
       R"("params":{"replication_factor":1},"optimizers_config":{"indexing_threshold":5},"quantization_config":{"scalar":{"type":"int8"}}})"},
      {"PUT " + w + "/points", R"({"points":)" + points + "}"},
      {"PUT " + w + "/points", R"({"batch":{"ids":[1,2],"vectors":[[1,2],[3,4]],"payloads":[{"a":1},null]},"update_mode":"upsert",)"
                               R"("update_filter":{"must":[{"key":"n","match":{"value":1}}]}})"},
      {"POST " + w + "/points/delete", R"({"points":[1,2]})"},
      {"POST " + w + "/points/delete", "{" + filter + "}"},
      {"POST " + w + "/points/payload", R"({"payload":{"a":{"b":1}},"points":[1],"key":"o.p[0].q"})"},
      {"PUT " + w + "/points/payload", R"({"payload":{"a":[1,{"b":null}]},)" + filter + "}"},
      {"POST " + w + "/points/payload/delete", R"({"keys":["a","o.a","l[].x"],"points":[1]})"},
      {"POST " + w + "/points/payload/clear", R"({"points":[1]})"},
      {"PUT " + w + "/points/vectors", R"({"points":[{"id":1,"vector":{"s":{"indices":[1],"values":[2]}}},{"id":2,"vector":[1,1]}]})"},
      {"POST " + w + "/points/vectors/delete", R"({"vector":["s"],"points":[1]})"},
      {"POST " + w + "/points/batch",
       R"({"operations":[{"upsert":{"points":)" + points +
           R"(}},{"set_payload":{"payload":{"a":1},"points":[1]}},)"
           R"({"overwrite_payload":{"payload":{"b":2},"points":[1],"key":"x"}},{"delete_payload":{"keys":["b"],"points":[1]}},)"
           R"({"clear_payload":{"points":[1]}},{"update_vectors":{"points":[{"id":1,"vector":[1,2]}]}},)"
           R"({"delete_vectors":{"vector":[""],"points":[1]}},{"delete":{"points":[1]}}]})"},
      {"PUT " + w + "/index", R"({"field_name":"n","field_schema":{"type":"integer","lookup":true,"range":true}})"},
      {"PUT " + w + "/index", R"({"field_name":"o.text","field_schema":{"type":"text","tokenizer":"word","min_token_len":2}})"},
      {"POST /collections/aliases",
       R"({"actions":[{"create_alias":{"collection_name":"w","alias_name":"x"}},)"
       R"({"rename_alias":{"old_alias_name":"x","new_alias_name":"y"}},{"delete_alias":{"alias_name":"y"}}]})"},
      {"POST " + w + "/points",
       R"({"ids":[1,"00000000-0000-4000-8000-000000000001"],"with_payload":{"exclude":["k"]},"with_vector":["s"]})"},
      {"POST " + w + "/points/scroll", R"({"offset":1,)" + select + "," + filter + "}"},
      {"POST " + w + "/points/scroll", R"({"limit":3,"order_by":{"key":"n","direction":"desc","start_from":9}})"},
      {"POST " + w + "/points/count", R"({"exact":true,)" + filter + "}"},
      {"POST " + w + "/facet", R"({"key":"k","limit":5,"exact":true,)" + filter + "}"},
      {"POST " + w + "/points/query",
       R"({"query":[1,2],"using":"","offset":1,"score_threshold":0.1,"params":{"exact":true},)" + select + "," + filter + "}"},
      {"POST " + w + "/points/query", R"({"query":{"recommend":{"positive":[1,[1,1]],"negative":[2],"strategy":"average_vector"}}})"},
      {"POST " + w + "/points/query/batch",
       R"({"searches":[{"query":1,"limit":2},{"query":{"order_by":"n"}},{"query":{"nearest":[1,1]}}]})"},
      {"POST " + w + "/points/search", R"({"vector":{"name":"","vector":[1,2]},"limit":3,"with_payload":true})"},
      {"POST " + w + "/points/search/batch", R"({"searches":[{"vector":[1,2],"limit":3}]})"},
      {"POST " + w + "/points/recommend", R"({"positive":[1],"negative":[[1,0]],"limit":3,"using":""})"},
  };
}

/// A LocalServer over a file with two equal collections: `c`, which nobody changes, and `w`, which requests may work on.
class BadBodyBench {
 public:
  BadBodyBench() {
    for (const std::string name : {"c", "w"}) fill("/collections/" + name);
    before_ = dump();
  }

  /// nullopt where no answer came, or none that is one of this API's: JSON with a result, or an error in words.
  std::optional<int> ask(const std::string& line, std::string_view body) {
    const auto space = line.find(' ');
    std::string target = line.substr(space + 1);
    if (target == "/collections/new") target += std::to_string(made_++);
    if (target.find("/points") != std::string::npos || target.ends_with("/index")) target += "?wait=true";
    const auto request = rawRequest(line.substr(0, space), target, body);
    auto answer = client_ ? client_->ask(request) : std::nullopt;
    if (!answer) {  // the server may have ended a connection over which it had refused a request
      client_.emplace(server_->port());
      answer = client_->ask(request);
    }
    answer_ = answer ? answer->body : "no answer";
    if (!answer || !wellFormed(*answer)) return std::nullopt;
    return answer->status;
  }
  /// Of the last request.
  [[nodiscard]] const std::string& answer() const noexcept { return answer_; }

  /// The server lives, and nothing about `c` is changed since this was last asked.
  [[nodiscard]] bool unharmed() {
    const std::string before = std::exchange(before_, dump());
    return before_ == before;
  }
  /// The same after the server was started anew over the file; collections that were made are there, too.
  [[nodiscard]] bool unharmedAnew() {
    const std::string all = described();
    client_.reset();
    server_.reset();
    server_.emplace(LocalServerOptions{.file = file()});
    return described() == all && unharmed();
  }

 private:
  [[nodiscard]] std::string file() const { return (folder_.path() / "bodies.db").string(); }

  void fill(const std::string& path) {
    REQUIRE(ask("PUT " + path, R"({"vectors":{"size":2,"distance":"Dot"},"sparse_vectors":{"s":{}}})") == 200);
    std::string points;
    for (int i = 1; i <= 12; ++i) {
      const std::string number = std::to_string(i);
      points += (i == 1 ? R"({"points":[{"id":)" : R"(,{"id":)") + number + R"(,"vector":{"":[1,)" + number +
                R"(],"s":{"indices":[1],"values":[)" + number + R"(]}},"payload":{"k":"x","n":)" + number +
                R"(,"l":[1,2],"o":{"a":1},"t":"2024-05-05T00:00:00Z"}})";
    }
    REQUIRE(ask("PUT " + path + "/points", points + "]}") == 200);
    REQUIRE(ask("PUT " + path + "/index", R"({"field_name":"k","field_schema":"keyword"})") == 200);
    REQUIRE(ask("PUT " + path + "/index", R"({"field_name":"n","field_schema":"integer"})") == 200);
  }

  /// An answer without the time that it took.
  std::string asked(const std::string& line, std::string_view body = "") {
    if (!ask(line, body)) return "no good answer: " + answer_;
    return answer_.substr(0, answer_.rfind(",\"time\""));
  }
  std::string dump() {
    return asked("GET /collections/c") + asked("GET /collections/c/aliases") +
           asked("POST /collections/c/points/scroll", R"({"limit":100,"with_vector":true})");
  }
  std::string described() {
    std::string all = asked("GET /collections/w") + asked("POST /collections/w/points/scroll", R"({"limit":1000000,"with_vector":true})");
    for (std::size_t i = 0; i < made_; ++i) all += asked("GET /collections/new" + std::to_string(i));
    return all;
  }

  static bool wellFormed(const RawClient::Answer& answer) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    double time = 0;
    std::string_view word;
    if (parser.parse(answer.body).get(root) || root["time"].get(time)) return false;
    if (answer.status == 200) return root["result"].error() == simdjson::SUCCESS && !root["status"].get(word) && word == "ok";
    return answer.status >= 400 && answer.status < 500 && !root["status"]["error"].get(word) && !word.empty();
  }

  ScratchFolder folder_{};
  std::optional<LocalServer> server_{LocalServerOptions{.file = (folder_.path() / "bodies.db").string()}};
  std::optional<RawClient> client_{};
  std::string answer_{}, before_{};
  std::size_t made_ = 0;
};

/// What a failing test shows of a body.
inline std::string shownBody(std::string_view body) {
  std::string text = std::to_string(body.size()) + " bytes: ";
  for (const char byte : body.substr(0, 400))
    text += byte >= ' ' && byte < 127 ? std::string(1, byte) : "<" + std::to_string(byte & 255) + ">";
  return text;
}

inline std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  result.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}
/// `count` arrays or objects within each other around a number.
inline std::string deepArray(std::size_t count) { return repeated("[", count) + "1" + repeated("]", count); }
inline std::string deepObject(std::size_t count) { return repeated(R"({"a":)", count) + "1" + repeated("}", count); }

}  // namespace qbatch::test
