#pragma once
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qbatch::test {

/// The part of JSON Schema that API descriptions are written in, ready to be asked. Made by JsonSchemas.
class JsonSchema {
 public:
  struct Problem {
    std::string place{};  ///< "" for the value itself, "/points/3/id" for one inside
    std::string words{};
    bool form = false;  ///< a member unknown or missing: perhaps another alternative was meant
  };
  /// nullopt where the value fits. Of several alternatives that do not fit, the problem is that of the one which came furthest.
  [[nodiscard]] std::optional<Problem> problem(simdjson::dom::element value) const;

 private:
  friend class JsonSchemas;
  enum class Others { closed, free, bySchema };

  [[nodiscard]] std::optional<Problem> typeProblem(simdjson::dom::element value) const;
  [[nodiscard]] std::optional<Problem> objectProblem(simdjson::dom::object object) const;
  [[nodiscard]] std::optional<Problem> arrayProblem(simdjson::dom::array array) const;
  [[nodiscard]] std::optional<Problem> choiceProblem(simdjson::dom::element value) const;

  std::string type_{};  // empty: any
  bool nullable_ = false;
  bool onlyNull_ = false;
  std::optional<std::vector<std::string>> allowed_{};  // JSON texts
  std::optional<double> minimum_{}, maximum_{};
  std::size_t minItems_ = 0, minLength_ = 0;
  bool uniqueItems_ = false, uuid_ = false;
  std::vector<const JsonSchema*> anyOf_{}, allOf_{};
  std::map<std::string, const JsonSchema*, std::less<>> properties_{};
  std::vector<std::string> required_{};
  const JsonSchema* items_ = nullptr;
  const JsonSchema* otherMembers_ = nullptr;
  const JsonSchema* ref_ = nullptr;
  Others others_ = Others::closed;
};

/// Owns the schemas of one description, which may refer to each other.
class JsonSchemas {
 public:
  /// Names "#/components/schemas/…"; reads them all. Throws std::runtime_error for words of JSON Schema that it does not know.
  void addComponents(simdjson::dom::object components);
  /// Valid as long as this object.
  [[nodiscard]] const JsonSchema* add(simdjson::dom::element schema);

 private:
  void fill(JsonSchema& schema, std::string_view word, simdjson::dom::element value);
  [[nodiscard]] JsonSchema* named(std::string_view name);
  void read(JsonSchema& schema, simdjson::dom::object words);

  std::map<std::string, std::unique_ptr<JsonSchema>, std::less<>> components_{};
  std::vector<std::unique_ptr<JsonSchema>> others_{};
};

}  // namespace qbatch::test
