#pragma once
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/transport.hpp"
#include "qbatch/backend.hpp"
#include "qbatch/options.hpp"
#include "rest/body_limit.hpp"
#include "rest/endpoints.hpp"
#include "rest/status_map.hpp"

namespace qbatch::rest {

struct ChannelOptions {
  std::vector<std::string> urls{};  ///< "scheme://host:port/path", at least one
  std::string apiKey{};
  RestOptions rest = RestOptions();
  std::function<void(LogLevel, std::string_view)> log{};
  /// Carries out a task soon, on a thread that may compute; answers are read there.
  std::function<void(std::function<void()>)> post{};
};

/// One request of Qdrant's API.
struct Call {
  std::string_view method = "GET";
  std::string path{};   ///< from "/", encoded
  std::string query{};  ///< without "?"
  std::shared_ptr<const std::string> body{};
  bool writes = false;
  std::size_t items = 1;  ///< points, ids, vectors or operations in the body; 1: it cannot be divided
};

/// What came back of it.
struct Answered {
  Verdict verdict{};  ///< completed: `body` is there to be read
  std::string body{};
  Verdict unreadable{};  ///< what it means where the body is not what was asked for
  std::size_t bytesSent{}, bytesReceived{};
};

/// Sends calls to the server, or to each of several in turn, with key and headers, and says what came of them. Thread-safe.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(ChannelOptions options, std::unique_ptr<http::Transport> transport);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  /// Calls `done` exactly once, by `post`. What can be divided, and is known to be more than the server takes, is not sent.
  void send(Call call, const CallLimits& limits, std::function<void(Answered)> done);
  /// Calls `done` once by `post` at that time, or promptly after `stop`.
  void wakeAt(http::TimePoint time, std::stop_token stop, std::function<void()> done);

  /// An empty text to write a body into; its memory is used again when the last pointer is gone.
  [[nodiscard]] std::shared_ptr<std::string> buffer();

  /// The parameters of writes and reads as the options say. `strong`: ordering=strong, unless the options name an ordering.
  [[nodiscard]] std::string writeParameters(bool wait, bool strong = false) const;
  [[nodiscard]] std::string readParameters() const;
  [[nodiscard]] const RestOptions& options() const noexcept { return options_.rest; }
  void log(LogLevel level, const std::string& line) const noexcept;
  /// True unless the last exchange ended without an answer.
  [[nodiscard]] bool lastAnswered() const noexcept { return lastAnswered_; }
  [[nodiscard]] bool oneServer() const noexcept { return endpoints_.size() == 1; }

 private:
  class Buffers;

  /// A call under way, and what its answer needs.
  struct Sent {
    Call call{};
    std::size_t endpoint{};
    http::TimePoint began{};
    std::string token{};  ///< that it was sent with, instead of a key
    bool packed = false;
    std::function<void(Answered)> done{};
  };

  [[nodiscard]] std::vector<http::Header> headers(bool withBody, const std::string& token) const;
  /// The body packed, where that is wished for and makes it smaller; else null.
  [[nodiscard]] std::shared_ptr<const std::string> packed(const Call& call);
  [[nodiscard]] bool tooLarge(const Call& call, BodyLimit::TimePoint now) const;
  void refuseHere(const Call& call, BodyLimit::TimePoint now, std::function<void(Answered)> done);
  void answered(const Sent& sent, http::Response response);
  void learn(SizeSign sign, std::size_t bytes);
  void report(const Sent& sent, const http::Response& response, const Verdict& verdict, std::span<const std::string> secrets) const;

  const ChannelOptions options_;
  const std::vector<std::string> secrets_;
  Endpoints endpoints_;
  std::shared_ptr<Buffers> buffers_;
  BodyLimit bodyLimit_;
  std::atomic<bool> lastAnswered_{true};
  std::unique_ptr<http::Transport> transport_;  // last: its thread uses the rest
};

}  // namespace qbatch::rest
