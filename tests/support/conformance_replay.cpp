#include "support/conformance_replay.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <stdexcept>

namespace qbatch::test {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

bool same(element a, element b, std::string_view key);

bool sameObjects(object a, object b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&](const auto& member) {
    element other;
    return b[member.key].get(other) == simdjson::SUCCESS && same(member.value, other, member.key);
  });
}

bool closeScores(element a, element b) {
  double first = 0, second = 0;
  return a["score"].get_double().get(first) == simdjson::SUCCESS && b["score"].get_double().get(second) == simdjson::SUCCESS &&
         std::fabs(first - second) <= 1e-5;
}

/// Place by place; hits of equal score may stand in each other's places.
bool sameArrays(array a, array b) {
  if (a.size() != b.size()) return false;
  std::vector<element> left(b.begin(), b.end());
  std::size_t i = 0;
  for (const element item : a) {
    auto at = left.begin();
    for (; at != left.end() && !same(item, *at, ""); ++at) {
      if (!item.is_object() || !closeScores(item, *at)) return false;
    }
    if (at == left.end()) return false;
    left.erase(at);
    ++i;
  }
  return true;
}

bool same(element a, element b, std::string_view key) {
  double first = 0, second = 0;
  if (a.is_number() && b.is_number() && a.get_double().get(first) == simdjson::SUCCESS && b.get_double().get(second) == simdjson::SUCCESS) {
    return key == "operation_id" || std::fabs(first - second) <= 1e-5;
  }
  if (a.is_object() && b.is_object()) return sameObjects(object(a), object(b));
  if (a.is_array() && b.is_array()) return sameArrays(array(a), array(b));
  return a.type() == b.type() && simdjson::minify(a) == simdjson::minify(b);
}

std::string withoutPlace(std::string_view words) { return std::string(words.substr(0, words.find(" at line "))); }

}  // namespace

std::vector<RecordedStep> loadRecordedSteps(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error(file + " cannot be read");
  std::vector<RecordedStep> steps;
  simdjson::dom::parser parser;
  for (std::string line; std::getline(stream, line);) {
    const element root = parser.parse(line);
    RecordedStep step;
    step.caseName = std::string_view(root["case"]);
    step.name = step.caseName + " " + simdjson::minify(element(root["step"]));
    step.request =
        parseHead(std::string(std::string_view(root["method"])) + " " + std::string(std::string_view(root["path"])) + " HTTP/1.1\r\n\r\n")
            .value();
    element body;
    std::string_view raw;
    if (root["body"].get(body) == simdjson::SUCCESS) step.request.body = simdjson::minify(body);
    if (root["raw"].get_string().get(raw) == simdjson::SUCCESS) step.request.body = raw;
    step.status = static_cast<int>(std::int64_t(root["status"]));
    step.response = simdjson::minify(element(root["response"]));
    steps.push_back(std::move(step));
  }
  return steps;
}

std::optional<std::string> difference(const RecordedStep& step, const HttpAnswer& answer) {
  const std::string both = "\n  recorded: " + std::to_string(step.status) + " " + step.response +
                           "\n  answered: " + std::to_string(answer.status) + " " + answer.body;
  if (answer.status != step.status) return "another status" + both;
  simdjson::dom::parser recordedParser, parser;
  const element recorded = recordedParser.parse(step.response);
  std::string_view text;
  if (recorded["text"].get_string().get(text) == simdjson::SUCCESS)
    return answer.body == text ? std::nullopt : std::optional("another text" + both);
  element answered, expectedResult, result;
  if (parser.parse(answer.body).get(answered) != simdjson::SUCCESS) return "no JSON" + both;
  if (recorded["result"].get(expectedResult) == simdjson::SUCCESS) {
    if (answered["result"].get(result) != simdjson::SUCCESS || !same(expectedResult, result, "")) return "another result" + both;
    return std::nullopt;
  }
  std::string_view expectedWords, words;
  if (recorded["status"]["error"].get_string().get(expectedWords) != simdjson::SUCCESS) return "neither result nor error" + both;
  if (answered["status"]["error"].get_string().get(words) != simdjson::SUCCESS) return "no error" + both;
  return withoutPlace(words) == withoutPlace(expectedWords) ? std::nullopt : std::optional("other words" + both);
}

}  // namespace qbatch::test
