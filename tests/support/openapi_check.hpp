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

 private:
  struct Operation {
    std::vector<std::string> path{};  // segments; "{…}" stands for any
    std::string method{};             // upper case
    std::map<std::string, const JsonSchema*> query{};
    const JsonSchema* body = nullptr;
    bool bodyRequired = false;
  };
  void addOperation(const std::string& path, std::string_view method, simdjson::dom::object operation);
  [[nodiscard]] const Operation* find(std::string_view method, std::string_view path) const;

  JsonSchemas schemas_{};
  std::vector<Operation> operations_{};
};

}  // namespace qbatch::test
