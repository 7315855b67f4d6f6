#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

// The way to a server: requests out, answers or faults in. Knows nothing of Qdrant. No curl in this header.
namespace qbatch::http {

using TimePoint = std::chrono::steady_clock::time_point;

struct Header {
  std::string name{}, value{};
};

/// True for what HTTP allows as a header's name, or as a method.
[[nodiscard]] bool isToken(std::string_view text) noexcept;

struct Request {
  std::string method = "GET";
  std::string url{};
  std::vector<Header> headers{};
  std::shared_ptr<const std::string> body{};  ///< null: none. Not touched until the exchange has ended
  TimePoint deadline = TimePoint::max();      ///< for the whole exchange, connecting included
  std::size_t maxResponseBytes = 256u << 20;  ///< after decompression; a longer answer is a Fault::tooLarge
  std::stop_token stop{};
};

/// Why there is no whole answer.
struct Fault {
  enum class Kind {
    none,
    cancelled,    ///< `stop` asked for it
    deadline,     ///< the whole exchange took too long
    resolve,      ///< the host's name could not be resolved
    connect,      ///< refused, unreachable, or not within the time to connect
    certificate,  ///< the server's certificate (or ours) was not accepted: trying again cannot help
    tls,          ///< the TLS handshake failed otherwise
    idle,         ///< nothing moved for too long
    reset,        ///< the connection was lost while sending, or before the whole answer was there
    tooLarge,     ///< the answer is longer than maxResponseBytes
    protocol,     ///< what came is not HTTP, or the URL cannot be used
    internal,
  };
  Kind kind = Kind::none;
  std::string message{};        ///< a sentence for people, with host and port and without secrets; empty where kind is none
  bool connected = false;       ///< a connection was had
  bool mayHaveArrived = false;  ///< some bytes of the request may have left: the server may act on it
  bool whileSending = false;    ///< the request's body had not left as a whole
};

struct Response {
  int status = 0;  ///< 0 where no status line came
  std::vector<Header> headers{};
  std::string body{};  ///< has room for simdjson's padding behind its end
  Fault fault{};
  std::size_t bytesSent = 0, bytesReceived = 0;  ///< of bodies and headers, as they went over the wire
};

/// The value of the first header of this name, without regard to case; empty where there is none.
[[nodiscard]] std::string_view headerOf(const Response& response, std::string_view name) noexcept;

using Done = std::function<void(Response)>;

/// Thread-safe. The destructor ends what is still under way (as cancelled) and returns after its last `done` has returned.
class Transport {
 public:
  virtual ~Transport() = default;
  /// Starts one exchange: one attempt on the wire, redirects not followed. Calls `done` exactly once, from the transport's own thread and
  /// possibly before start() has returned to its caller; promptly after `stop` or `deadline`. `done` must not throw and must not block; it
  /// may call start(). Never throws for what is wrong with the request: that is a fault too.
  virtual void start(Request request, Done done) = 0;
  /// Calls `done` once from the transport's own thread, at that time or promptly after `stop`.
  virtual void wakeAt(TimePoint time, std::stop_token stop, std::function<void()> done) = 0;
};

}  // namespace qbatch::http
