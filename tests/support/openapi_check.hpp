#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/openapi_schema.hpp"

namespace qbatch::test {

/// Says whether a request fits an API description (OpenAPI 3 in JSON). Objects are taken as closed: a member that the description does not
/// name is a problem, so that a misspelt one is found although the server would pass it over. Immutable: several threads may use one.
class OpenApiCheck {
 public:
  using Query = std::map<std::string, std::string>;

  /// Throws std::runtime_error where the file is no such description.
  explicit OpenApiCheck(const std::string& file);
  /// Qdrant's own (tests/data), loaded once.
  static const OpenApiCheck& qdrant();

  /// What is wrong with a request, with its place in the body ("/points/3/id"); nullopt where nothing is. `path` as it is sent, without its
  /// query.
  [[nodiscard]] std::optional<std::string> problem(std::string_view method, std::string_view path, const Query& query,
                                                   std::string_view body) const;
  /// What is wrong with an answer: a status that the operation does not describe (404 and 4XX stand for 404), or a JSON body of another
  /// form. Of an operation that is not there any error of the form of another one's is right.
  [[nodiscard]] std::optional<std::string> answerProblem(std::string_view method, std::string_view path, int status,
                                                         std::string_view body) const;

 private:
  struct Operation {
    std::vector<std::string> path{};  // segments; "{…}" stands for any
    std::string method{};             // upper case
    std::map<std::string, const JsonSchema*> query{};
    const JsonSchema* body = nullptr;
    bool bodyRequired = false;
    std::map<std::string, const JsonSchema*> answers{};  // by status; no schema: no JSON
  };
  void addOperation(const std::string& path, std::string_view method, simdjson::dom::object operation, simdjson::dom::element whole);
  void addAnswers(Operation& operation, simdjson::dom::object words, simdjson::dom::element whole);
  [[nodiscard]] const Operation* find(std::string_view method, std::string_view path) const;

  JsonSchemas schemas_{};
  std::vector<Operation> operations_{};
};

}  // namespace qbatch::test
