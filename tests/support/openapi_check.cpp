#include "support/openapi_check.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <utility>

#ifndef QBATCH_TEST_DATA
#error "QBATCH_TEST_DATA must name the folder tests/data"
#endif

namespace qbatch::test {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

std::vector<std::string> segmentsOf(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(path.front() == '/' ? 1 : 0);
    const auto end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool isVariable(const std::string& segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

/// A parameter's text may mean a number or a boolean, or is a string.
bool fits(const JsonSchema& schema, const std::string& text) {
  simdjson::dom::parser parser;
  element value;
  if (parser.parse(text).get(value) == simdjson::SUCCESS && !value.is_string() && !schema.problem(value)) return true;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  return parser.parse(quoted + "\"").get(value) == simdjson::SUCCESS && !schema.problem(value);
}

}  // namespace

OpenApiCheck::OpenApiCheck(const std::string& file) {
  simdjson::dom::parser parser;
  element description;
  object schemas, paths;
  if (parser.load(file).get(description) != simdjson::SUCCESS) throw std::runtime_error(file + " cannot be read");
  if (description["components"]["schemas"].get_object().get(schemas) != simdjson::SUCCESS ||
      description["paths"].get_object().get(paths) != simdjson::SUCCESS) {
    throw std::runtime_error(file + " is no API description");
  }
  schemas_.addComponents(schemas);
  for (const auto path : paths) {
    for (const auto method : object(path.value)) addOperation(std::string(path.key), method.key, object(method.value), description);
  }
}

const OpenApiCheck& OpenApiCheck::qdrant() {
  static const OpenApiCheck check(QBATCH_TEST_DATA "/openapi-1.18.3.json");
  return check;
}

void OpenApiCheck::addAnswers(Operation& operation, object words, element whole) {
  object answers;
  if (words["responses"].get_object().get(answers) != simdjson::SUCCESS) return;
  for (const auto answer : answers) {
    element described = answer.value, schema;
    std::string_view reference;
    if (described["$ref"].get_string().get(reference) == simdjson::SUCCESS) described = whole.at_pointer(reference.substr(1));
    const bool json = described["content"]["application/json"]["schema"].get(schema) == simdjson::SUCCESS;
    operation.answers.emplace(std::string(answer.key), json ? schemas_.add(schema) : nullptr);
  }
}

void OpenApiCheck::addOperation(const std::string& path, std::string_view method, object words, element whole) {
  Operation operation;
  operation.path = segmentsOf(path);
  for (const char c : method) operation.method += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  simdjson::dom::array parameters;
  if (words["parameters"].get_array().get(parameters) == simdjson::SUCCESS) {
    for (const element parameter : parameters) {
      if (std::string_view(parameter["in"]) != "query") continue;
      operation.query.emplace(std::string(std::string_view(parameter["name"])), schemas_.add(parameter["schema"]));
    }
  }
  object body;
  element schema;
  if (words["requestBody"].get_object().get(body) == simdjson::SUCCESS &&
      body["content"]["application/json"]["schema"].get(schema) == simdjson::SUCCESS) {
    operation.body = schemas_.add(schema);
    bool required = false;
    operation.bodyRequired = body["required"].get_bool().get(required) != simdjson::SUCCESS || required;
  }
  addAnswers(operation, words, whole);
  operations_.push_back(std::move(operation));
}

/// A path without variables goes before one with them: /collections/aliases before /collections/{collection_name}.
const OpenApiCheck::Operation* OpenApiCheck::find(std::string_view method, std::string_view path) const {
  const auto segments = segmentsOf(path);
  const Operation* best = nullptr;
  std::ptrdiff_t fewest = 0;
  for (const Operation& operation : operations_) {
    if (operation.method != method || operation.path.size() != segments.size()) continue;
    const bool same = std::equal(segments.begin(), segments.end(), operation.path.begin(),
                                 [](const auto& sent, const auto& known) { return isVariable(known) ? !sent.empty() : sent == known; });
    const auto variables = std::count_if(operation.path.begin(), operation.path.end(), isVariable);
    if (!same || (best != nullptr && variables >= fewest)) continue;
    best = &operation;
    fewest = variables;
  }
  return best;
}

std::optional<std::string> OpenApiCheck::problem(std::string_view method, std::string_view path, const Query& query,
                                                 std::string_view body) const {
  const std::string request = std::string(method) + " " + std::string(path) + ": ";
  const Operation* operation = find(method, path);
  if (operation == nullptr) return request + "the description has no such operation";
  for (const auto& [name, value] : query) {
    const auto known = operation->query.find(name);
    if (known == operation->query.end()) return request + "unknown query parameter " + name;
    if (!fits(*known->second, value)) return request + "query parameter " + name + " does not take " + value;
  }
  if (operation->body == nullptr) {
    if (body.empty()) return std::nullopt;
    return request + "takes no body";
  }
  if (body.empty()) {
    if (!operation->bodyRequired) return std::nullopt;
    return request + "needs a body";
  }
  simdjson::dom::parser parser;
  element value;
  if (const auto code = parser.parse(body.data(), body.size()).get(value); code != simdjson::SUCCESS) {
    return request + "the body is no JSON: " + simdjson::error_message(code);
  }
  if (const auto wrong = operation->body->problem(value)) {
    return request + (wrong->place.empty() ? "the body" : wrong->place) + " " + wrong->words;
  }
  return std::nullopt;
}

std::optional<std::string> OpenApiCheck::answerProblem(std::string_view method, std::string_view path, int status,
                                                       std::string_view body) const {
  const auto code = std::to_string(status);
  const std::string answer = std::string(method) + " " + std::string(path) + ", answer " + code + ": ";
  const Operation* operation = find(method, path);
  if (operation == nullptr && status < 400) return answer + "the description has no such operation";
  if (operation == nullptr) operation = &operations_.front();
  auto found = operation->answers.find(code);
  if (found == operation->answers.end()) found = operation->answers.find(code.substr(0, 1) + "XX");
  if (found == operation->answers.end()) return answer + "the description has no such status";
  if (found->second == nullptr) return std::nullopt;
  simdjson::dom::parser parser;
  element value;
  if (const auto fault = parser.parse(body.data(), body.size()).get(value); fault != simdjson::SUCCESS) {
    return answer + "the body is no JSON: " + simdjson::error_message(fault);
  }
  if (const auto wrong = found->second->problem(value)) {
    return answer + (wrong->place.empty() ? "the body" : wrong->place) + " " + wrong->words;
  }
  return std::nullopt;
}

}  // namespace qbatch::test
