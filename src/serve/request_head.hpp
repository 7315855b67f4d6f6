#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qbatch::serve {

/// A request's first line and headers, as far as they decide what becomes of it.
struct RequestHead {
  std::string method{};
  std::string target{};      ///< as sent
  bool oldProtocol = false;  ///< HTTP/1.0
  bool keepAlive = false;
  bool chunked = false;
  std::optional<std::uint64_t> contentLength{};
  std::vector<std::pair<std::string, std::string>> fields{};  ///< names in lower case, values without spaces around them

  /// The first header of this name (in lower case); nullptr where there is none.
  [[nodiscard]] const std::string* field(std::string_view name) const noexcept;
  [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
  /// True where a body follows.
  [[nodiscard]] bool hasBody() const noexcept { return chunked || contentLength.value_or(0) > 0; }
};

/// A target's parts. `authority` is empty but for a target that is a whole URL of HTTP, as proxies get it.
struct TargetParts {
  std::string_view authority{}, path{}, query{};
};
[[nodiscard]] TargetParts splitTarget(std::string_view target);

[[nodiscard]] std::string lowerCase(std::string_view text);
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;
/// True where Accept-Encoding names gzip, or everything, without forbidding it.
[[nodiscard]] bool acceptsGzip(const RequestHead& head);
/// True where the body is to be gunzipped.
[[nodiscard]] bool isGzipped(const RequestHead& head);

}  // namespace qbatch::serve
