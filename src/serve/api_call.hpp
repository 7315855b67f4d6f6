#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "local/staged_writes.hpp"
#include "qbatch/http_server.hpp"
#include "serve/body.hpp"

namespace qbatch::serve {

/// A request taken apart.
struct ApiCall {
  std::string method{};
  std::vector<std::string> path{};             ///< decoded segments
  std::map<std::string, std::string> query{};  ///< decoded
  std::string body{};

  /// nullopt where the path has bytes that are no valid encoding.
  [[nodiscard]] static std::optional<ApiCall> of(HttpRequest request);
  /// "METHOD /a/*/c": `*` stands for the segments whose places are in `variables`.
  [[nodiscard]] bool is(std::string_view route) const;
};

/// The member `wait`: whether the answer comes after the operation was applied. Throws RequestError for query parameters that cannot be.
[[nodiscard]] bool waitsFor(const ApiCall& call);

/// What an answer says beside its result: how long it took.
class AnswerClock {
 public:
  [[nodiscard]] HttpResponse ok(std::string_view result) const;
  [[nodiscard]] HttpResponse failed(const Error& error) const;

 private:
  [[nodiscard]] std::string seconds() const;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace qbatch::serve
