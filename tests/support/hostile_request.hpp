#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qbatch::test {

/// How a hostile request goes over its connection.
enum class Sending {
  whole,   ///< at once; the connection stays open
  cut,     ///< at once, and then the client says that nothing more comes
  slowly,  ///< byte by byte
  reset    ///< at once, and then the connection is reset
};

/// What no server may carry out: it answers with an error, or ends the connection, in bounded time.
struct HostileRequest {
  std::string name{};
  std::string bytes{};
  Sending how = Sending::whole;
  /// HTTP has nothing against it: a handler may see it, once, and refuses it, since it is for no path that there is or has no body that
  /// could be right.
  bool lawful = false;
  /// A second request stands in the bytes, for smuggledPath, which nobody may answer or see.
  bool smuggles = false;
};

inline constexpr std::string_view smuggledPath = "/smuggled";

/// Whom hostile requests are for, and their words.
struct HostileTarget {
  std::string path{};     ///< that is served, as "/batch/store/patterns"
  std::string host{};     ///< for the Host header
  std::string headers{};  ///< further ones of each request that is well-formed so far, each with its line end: a key

  /// A request's head, with whatever stands in `more`.
  [[nodiscard]] std::string head(std::string_view firstLine, std::string_view more = "") const {
    return std::string(firstLine) + "\r\nHost: " + host + "\r\n" + headers + std::string(more) + "\r\n";
  }
  [[nodiscard]] std::string post(std::string_view more, std::string_view body = "") const {
    return head("POST " + path + " HTTP/1.1", more) + std::string(body);
  }
  /// With its length.
  [[nodiscard]] std::string sized(std::string_view body, const std::string& more = "") const {
    return post(more + "Content-Length: " + std::to_string(body.size()) + "\r\n", body);
  }
  [[nodiscard]] std::string chunked(std::string_view body) const { return post("Transfer-Encoding: chunked\r\n", body); }
  [[nodiscard]] std::string smuggled() const { return head("GET " + std::string(smuggledPath) + " HTTP/1.1"); }
};

/// Bytes as they can be shown.
inline std::string shownBytes(std::string_view bytes, std::size_t most = 60) {
  std::string text;
  for (const char byte : bytes.substr(0, most))
    text += byte >= ' ' && byte < 127 ? std::string(1, byte) : "<" + std::to_string(static_cast<unsigned char>(byte)) + ">";
  return text + (bytes.size() > most ? "… " + std::to_string(bytes.size()) + " bytes" : "");
}

}  // namespace qbatch::test
