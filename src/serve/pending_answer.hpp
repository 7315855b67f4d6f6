#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "qbatch/http_server.hpp"
#include "serve/refusal.hpp"

namespace qbatch::serve {

/// A way into a server's thread that outlives the server: once it is closed, what comes is dropped.
class Gate {
 public:
  using Post = std::function<void(std::function<void()>)>;

  explicit Gate(Post post) : post_(std::move(post)) {}
  void post(std::function<void()> task);
  /// No post is under way any more when this returns.
  void close();

 private:
  std::mutex mutex_;
  Post post_;
};

/// An answer on its way to a session: packed where that was asked for.
struct ReadyAnswer {
  HttpResponse response{};
  bool gzipped = false;
  /// Instead of the response. The session words it, who knows that the server still is there.
  std::optional<Refusal> refusal{};
};

/// The answer that a handler owes. The first one counts; where the handler drops its Respond without a word, or gives what is no answer,
/// the answer is a 500, so that no client waits forever.
class PendingAnswer {
 public:
  using Deliver = std::function<void(ReadyAnswer)>;

  /// `deliver` is called once, on whatever thread answers.
  PendingAnswer(Deliver deliver, bool mayGzip) : deliver_(std::move(deliver)), mayGzip_(mayGzip) {}
  PendingAnswer(const PendingAnswer&) = delete;
  PendingAnswer& operator=(const PendingAnswer&) = delete;
  ~PendingAnswer();

  void give(HttpResponse response) noexcept;

 private:
  std::atomic<bool> given_{false};
  Deliver deliver_;
  bool mayGzip_;
};

/// A Respond that owns the answer.
[[nodiscard]] Respond makeRespond(PendingAnswer::Deliver deliver, bool mayGzip);

/// Gunzips the body where `gzipped`, and then has the handler answer; what the handler throws becomes a 500.
void carryOut(HttpRequest request, bool gzipped, const HttpServerOptions& options, const HttpHandler& handler,
              const Respond& respond) noexcept;

}  // namespace qbatch::serve
