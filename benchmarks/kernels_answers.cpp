#include "kernels_answers.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <stdexcept>
#include <utility>

#if defined(QBATCH_HAS_NLOHMANN)
#include <nlohmann/json.hpp>
#endif

#include "codec/json_writer.hpp"

namespace bench {
namespace {

constexpr std::string_view code = R"(#include "cache.hpp"

// Keeps what was read last; "least recently used" goes first.
std::optional<Entry> Cache::find(const std::string& key) {
	const std::lock_guard lock(mutex_);
	const auto found = entries_.find(key);
	if (found == entries_.end()) {
		log("miss: \"" + key + "\"\n");
		return std::nullopt;
	}
	order_.splice(order_.begin(), order_, found->second);
	return *found->second;
}

void Cache::insert(std::string key, std::string value) {
	if (key.empty()) throw std::invalid_argument("a key is needed");
	const std::lock_guard lock(mutex_);
	order_.push_front({std::move(key), std::move(value)});
	entries_[order_.front().key] = order_.begin();
	while (order_.size() > capacity_) {
		entries_.erase(order_.back().key);
		order_.pop_back();
	}
}

for path in sorted(glob.glob("data/**/*.json", recursive=True)):
    with open(path, encoding="utf-8") as file:
        record = json.load(file)
    if record.get("kind") != "pattern":
        print(f"skipped {path!r}: kind is {record.get('kind')}")
        continue
    yield Pattern(name=record["name"], text=record["text"].replace("\r\n", "\n"))
)";

template <class Text>
void setText(DecodedHit& hit, std::string_view key, Text&& text) {
  (key == "description" ? hit.description : key == "code" ? hit.code : hit.language) = std::forward<Text>(text);
}

template <class Value>
Value valueOf(simdjson::simdjson_result<Value> result) {
  Value value;
  if (std::move(result).get(value)) throw std::runtime_error("the answer cannot be read");
  return value;
}

void appendMember(std::string& metadata, std::string_view key, std::string_view json) {
  metadata += metadata.empty() ? '{' : ',';
  qbatch::codec::appendString(metadata, key);
  metadata += ':';
  metadata += json;
}

void readPayload(DecodedHit& hit, simdjson::dom::object payload) {
  for (const auto [key, value] : payload) {
    if (key.starts_with("_qbatch")) continue;
    if (key == "description" || key == "code" || key == "language") {
      setText(hit, key, valueOf(value.get_string()));
    } else if (key == "usage_count") {
      hit.usageCount = valueOf(value.get_int64());
    } else if (key == "success_rate") {
      hit.successRate = valueOf(value.get_double());
    } else if (key == "last_used") {
      hit.lastUsed = valueOf(value.get_string());
    } else {
      appendMember(hit.metadata, key, simdjson::minify(value));
    }
  }
  if (!hit.metadata.empty()) hit.metadata += '}';
}

DecodedHit readPoint(simdjson::dom::object point) {
  DecodedHit hit;
  for (const auto [key, value] : point) {
    if (key == "id") hit.id = qbatch::PointId::parse(valueOf(value.get_string()));
    if (key == "score") hit.score = static_cast<float>(valueOf(value.get_double()));
    if (key == "payload") readPayload(hit, valueOf(value.get_object()));
  }
  return hit;
}

}  // namespace

std::string someCode(std::size_t number, std::size_t size) {
  std::string text = fmt::format("// example {}\n", number);
  text += code.substr(number * 37 % (code.size() / 2));
  while (text.size() < size) text += code;
  text.resize(size);
  return text;
}

std::string someAnswer(std::size_t queries, std::size_t limit) {
  std::string body = R"({"result":[)";
  for (std::size_t query = 0; query < queries; ++query) {
    body += query == 0 ? R"({"points":[)" : R"(,{"points":[)";
    for (std::size_t place = 0; place < limit; ++place) {
      const std::size_t number = query * limit + place;
      constexpr std::array<std::string_view, 4> languages = {"cpp", "python", "rust", "go"};
      fmt::format_to(std::back_inserter(body), R"({}{{"id":"0b5e6f9c-7d1a-5c3e-8f42-{:012x}","version":{},"score":0.{:07},"payload":{{)",
                     place == 0 ? "" : ",", number * 7919, number, 8'400'013 - number * 7'001);
      body += R"("description":)";
      qbatch::codec::appendString(body, fmt::format("Reads and keeps entries, variant {}: a cache with a bound and its loader", number));
      body += R"(,"code":)";
      qbatch::codec::appendString(body, someCode(number, 400 + number * 131 % 450));
      fmt::format_to(std::back_inserter(body),
                     R"(,"language":"{}","category":"caching","repository":"example/project-{}","stars":{},"tags":["io","cache"],)"
                     R"("usage_count":{},"success_rate":0.{:02},"last_used":"2025-01-{:02}T12:30:00Z"}}}})",
                     languages[number % languages.size()], number % 17, number * 31 % 5000, number % 90, number % 99 + 1, number % 28 + 1);
    }
    body += "]}";
  }
  body += R"(],"status":"ok","time":0.004512,"usage":null})";
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  return body;
}

DecodedLists decodeByDom(const std::string& body) {
  static simdjson::dom::parser parser;
  const auto root = valueOf(parser.parse(body.data(), body.size(), false));
  DecodedLists lists;
  for (const auto query : valueOf(root["result"].get_array())) {
    auto& hits = lists.emplace_back();
    const auto points = valueOf(query["points"].get_array());
    hits.reserve(points.size());
    for (const auto point : points) hits.push_back(readPoint(valueOf(point.get_object())));
  }
  return lists;
}

#if defined(QBATCH_HAS_NLOHMANN)
namespace {

DecodedHit readPoint(nlohmann::json& point) {
  DecodedHit hit;
  hit.id = qbatch::PointId::parse(point.at("id").get_ref<const std::string&>());
  hit.score = point.at("score").get<float>();
  for (auto& [key, value] : point.at("payload").items()) {
    if (key.starts_with("_qbatch")) continue;
    if (key == "description" || key == "code" || key == "language") {
      setText(hit, key, std::move(value.get_ref<std::string&>()));
    } else if (key == "usage_count") {
      hit.usageCount = value.get<std::int64_t>();
    } else if (key == "success_rate") {
      hit.successRate = value.get<double>();
    } else if (key == "last_used") {
      hit.lastUsed = std::move(value.get_ref<std::string&>());
    } else {
      appendMember(hit.metadata, key, value.dump());
    }
  }
  if (!hit.metadata.empty()) hit.metadata += '}';
  return hit;
}

}  // namespace

DecodedLists decodeByNlohmann(std::string_view body) {
  auto root = nlohmann::json::parse(body);
  DecodedLists lists;
  for (auto& query : root.at("result")) {
    auto& hits = lists.emplace_back();
    hits.reserve(query.at("points").size());
    for (auto& point : query.at("points")) hits.push_back(readPoint(point));
  }
  return lists;
}
#else
DecodedLists decodeByNlohmann(std::string_view) { return {}; }
#endif

}  // namespace bench
