#pragma once
#include <curl/curl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "http/curl_exchange.hpp"
#include "http/curl_setup.hpp"
#include "http/curl_transport.hpp"
#include "http/host_queue.hpp"
#include "http/timer_queue.hpp"
#include "http/transport.hpp"

namespace qbatch::http {

/// What the transport's thread does: it alone touches exchanges, timers and libcurl; other threads put commands into its inbox and wake it.
class CurlLoop {
 public:
  /// Throws RequestError.
  explicit CurlLoop(CurlOptions options);
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;
  ~CurlLoop();

  // By any thread. After stop() only from within a `done`.
  void start(Request request, Done done);
  void wakeAt(TimePoint time, std::stop_token stop, std::function<void()> done);
  void stop();

  /// On its own thread; returns after stop(), when all that was under way has ended as cancelled.
  void run();

 private:
  using Id = std::uint64_t;
  struct Start {
    Request request{};
    Done done{};
  };
  struct Wake {
    TimePoint time{};
    std::stop_token stop{};
    std::function<void()> done{};
  };
  struct Cancel {
    Id id{};
  };
  using Command = std::variant<Start, Wake, Cancel>;
  struct PostCancel {
    CurlLoop& loop;
    Id id;
    void operator()() const { loop.post(Cancel{id}); }
  };
  using StopCallback = std::stop_callback<PostCancel>;
  /// An exchange or, where `wake` is set, a timer.
  struct Task {
    Done done{};
    std::function<void()> wake{};
    Request request{};  // until it is handed to the exchange
    TimePoint deadline{}, movedAt{};
    Url server{};
    std::string host{};                        // its lane in the queue; empty: it stands in none
    bool placed = false;                       // it has its place at the host
    std::unique_ptr<CurlExchange> exchange{};  // null while it waits for its turn
    std::optional<StopCallback> stop{};        // made and destroyed on the loop's own thread, never under the lock
  };

  void post(Command command);
  [[nodiscard]] bool takeInbox();
  void carryOut(Start&& start);
  void carryOut(Wake&& wake);
  void carryOut(const Cancel& cancel) { endEarly(cancel.id, Fault::Kind::cancelled); }
  [[nodiscard]] bool beginWaiting();
  void begin(Id id);
  void readMessages();
  void fireTimers();
  void look(Id id, Task& task, TimePoint now);
  void poll();
  void endEarly(Id id, Fault::Kind kind);
  void complete(Id id, Response response);
  void leaveQueue(Id id, const Task& task);
  void failAll(const char* why);
  [[nodiscard]] std::unique_ptr<CurlExchange> exchange();
  [[nodiscard]] TimePoint nextLook(const Task& task) const;

  const CurlOptions options_;
  MultiHandle multi_;
  std::vector<std::unique_ptr<CurlExchange>> spare_;
  std::unordered_map<Id, Task> tasks_;
  std::unordered_map<CURL*, Id> byHandle_;
  HostQueue queue_;
  TimerQueue timers_;
  std::vector<Id> turn_;  // whose turn has come
  Id lastId_ = 0;
  std::thread::id ownThread_{};

  std::mutex lock_;
  std::vector<Command> inbox_;
  bool stopping_ = false;
};

}  // namespace qbatch::http
