#include "http/curl_loop.hpp"

#include <signal.h>

#include <algorithm>
#include <climits>
#include <exception>
#include <utility>

#include "qbatch/error.hpp"

namespace qbatch::http {
namespace {

using std::chrono::steady_clock;

/// libcurl keeps signals from its own sends, OpenSSL does not. What is blocked dies with the thread; no handler of the process is touched.
void blockBrokenPipes() noexcept {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Response failed(Fault fault) {
  Response response;
  response.fault = std::move(fault);
  return response;
}

Fault internalFault(const char* why) {
  Fault fault;
  fault.kind = Fault::Kind::internal;
  fault.message = why;
  return fault;
}

}  // namespace

CurlLoop::CurlLoop(CurlOptions options) : options_(std::move(options)), queue_(options_.connections) {
  initialiseCurl();
  multi_ = makeMultiHandle(options_);
  spare_.push_back(std::make_unique<CurlExchange>(options_));  // so that options which cannot work throw here
}

CurlLoop::~CurlLoop() = default;

void CurlLoop::start(Request request, Done done) { post(Start{std::move(request), std::move(done)}); }

void CurlLoop::wakeAt(TimePoint time, std::stop_token stop, std::function<void()> done) {
  post(Wake{time, std::move(stop), std::move(done)});
}

void CurlLoop::post(Command command) {
  const std::lock_guard guard(lock_);
  // Whoever finds commands in the inbox need not wake again; the loop's own thread looks there before it sleeps.
  const bool wake = inbox_.empty() && std::this_thread::get_id() != ownThread_;
  inbox_.push_back(std::move(command));
  if (wake) curl_multi_wakeup(multi_.get());
}

void CurlLoop::stop() {
  const std::lock_guard guard(lock_);
  stopping_ = true;
  curl_multi_wakeup(multi_.get());
}

void CurlLoop::run() {
  blockBrokenPipes();
  {
    const std::lock_guard guard(lock_);
    ownThread_ = std::this_thread::get_id();
  }
  for (;;) {
    int active = 0;
    if (curl_multi_perform(multi_.get(), &active) != CURLM_OK) failAll("libcurl could not go on with its exchanges");
    readMessages();
    fireTimers();
    const bool news = takeInbox();
    const bool stopping = [this] {
      const std::lock_guard guard(lock_);
      return stopping_;
    }();
    if (stopping) {
      while (!tasks_.empty()) endEarly(tasks_.begin()->first, Fault::Kind::cancelled);
      if (!takeInbox()) break;
    } else if (!beginWaiting() && !news) {
      poll();
    }
  }
  // Closing TLS connections writes to them, so this has to be on the thread that blocks SIGPIPE.
  spare_.clear();
  multi_.reset();
}

void CurlLoop::poll() {
  const auto next = timers_.next();
  int wait = INT_MAX;
  if (next != TimePoint::max()) {
    const auto left = std::chrono::ceil<milliseconds>(next - steady_clock::now()).count();
    wait = static_cast<int>(std::clamp<milliseconds::rep>(left, 0, INT_MAX));
  }
  if (curl_multi_poll(multi_.get(), nullptr, 0, wait, nullptr) != CURLM_OK) failAll("libcurl could not wait for its exchanges");
}

bool CurlLoop::takeInbox() {
  std::vector<Command> commands;
  {
    const std::lock_guard guard(lock_);
    commands.swap(inbox_);
  }
  for (auto& command : commands) std::visit([this](auto&& what) { carryOut(std::move(what)); }, std::move(command));
  return !commands.empty();
}

void CurlLoop::carryOut(Start&& start) {
  const Id id = ++lastId_;
  const bool past = start.request.deadline <= steady_clock::now();
  std::stop_token stop = start.request.stop;
  Task& task = tasks_[id];
  task.done = std::move(start.done);
  task.deadline = start.request.deadline;
  task.request = std::move(start.request);
  try {
    task.server = serverOf(task.request.url);
  } catch (const ParseError& error) {
    complete(id, failed(unusableFault(error.what())));
    return;
  }
  task.host = task.server.scheme + ' ' + task.server.host + ' ' + std::to_string(task.server.port);
  task.placed = queue_.enter(task.host, id);
  if (task.placed) turn_.push_back(id);
  if (stop.stop_requested()) {
    endEarly(id, Fault::Kind::cancelled);
  } else if (past) {
    endEarly(id, Fault::Kind::deadline);
  } else {
    timers_.set(id, task.deadline);
    // Where the stop comes in this very moment, it calls back from within the constructor and puts a command into the inbox.
    task.stop.emplace(std::move(stop), PostCancel{*this, id});
  }
}

void CurlLoop::carryOut(Wake&& wake) {
  const Id id = ++lastId_;
  Task& task = tasks_[id];
  task.wake = std::move(wake.done);
  timers_.set(id, wake.time);
  task.stop.emplace(std::move(wake.stop), PostCancel{*this, id});
}

bool CurlLoop::beginWaiting() {
  bool some = false;
  for (; !turn_.empty(); some = true) {
    const auto ids = std::exchange(turn_, {});
    for (const Id id : ids) begin(id);
  }
  return some;
}

void CurlLoop::begin(Id id) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  Task& task = found->second;
  Fault fault;
  try {
    task.exchange = exchange();
    fault = task.exchange->begin(std::move(task.request), task.server);
  } catch (const std::exception& error) {
    fault = internalFault(error.what());
  }
  if (fault.kind == Fault::Kind::none && curl_multi_add_handle(multi_.get(), task.exchange->handle()) != CURLM_OK)
    fault = internalFault("libcurl does not take the exchange");
  if (fault.kind != Fault::Kind::none) {
    complete(id, failed(std::move(fault)));
    return;
  }
  byHandle_.emplace(task.exchange->handle(), id);
  task.movedAt = steady_clock::now();
  timers_.set(id, nextLook(task));
}

std::unique_ptr<CurlExchange> CurlLoop::exchange() {
  if (spare_.empty()) return std::make_unique<CurlExchange>(options_);
  auto last = std::move(spare_.back());
  spare_.pop_back();
  return last;
}

void CurlLoop::readMessages() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    const auto found = byHandle_.find(message->easy_handle);
    if (found == byHandle_.end()) continue;
    const Id id = found->second;
    byHandle_.erase(found);
    CurlExchange& exchange = *tasks_.at(id).exchange;
    curl_multi_remove_handle(multi_.get(), exchange.handle());
    complete(id, exchange.finish(code));
  }
}

void CurlLoop::fireTimers() {
  const auto now = steady_clock::now();
  while (const auto id = timers_.takeDue(now)) {
    const auto found = tasks_.find(*id);
    if (found != tasks_.end()) look(*id, found->second, now);
  }
}

void CurlLoop::look(Id id, Task& task, TimePoint now) {
  if (task.wake) return complete(id, {});
  if (task.deadline <= now) return endEarly(id, Fault::Kind::deadline);
  if (!task.exchange) return timers_.set(id, task.deadline);
  if (task.exchange->moved()) task.movedAt = now;
  if (options_.idleTimeout.count() > 0 && now - task.movedAt >= options_.idleTimeout) return endEarly(id, Fault::Kind::idle);
  timers_.set(id, nextLook(task));
}

/// Whether bytes have moved is looked up four times in the idle time, which costs less than being told of every byte. A movement counts as
/// of the look that saw it, so an exchange is never cut too early, and by a quarter too late at most.
TimePoint CurlLoop::nextLook(const Task& task) const {
  if (options_.idleTimeout.count() <= 0) return task.deadline;
  const auto step = std::max(options_.idleTimeout / 4, milliseconds(1));
  return std::min(task.deadline, steady_clock::now() + step);
}

void CurlLoop::endEarly(Id id, Fault::Kind kind) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  Task& task = found->second;
  if (task.wake) return complete(id, {});
  if (task.exchange) {
    curl_multi_remove_handle(multi_.get(), task.exchange->handle());
    byHandle_.erase(task.exchange->handle());
    return complete(id, task.exchange->end(kind));
  }
  ExchangeFacts facts;
  facts.server = task.server;
  facts.waiting = !task.placed;
  facts.bodySize = task.request.body ? task.request.body->size() : 0;
  complete(id, failed(endedFault(kind, facts, options_)));
}

void CurlLoop::complete(Id id, Response response) {
  const auto node = tasks_.extract(id);
  Task& task = node.mapped();
  timers_.clear(id);
  task.stop.reset();
  if (task.exchange) spare_.push_back(std::move(task.exchange));
  if (!task.host.empty()) leaveQueue(id, task);
  if (task.wake) {
    task.wake();
  } else {
    task.done(std::move(response));
  }
}

void CurlLoop::leaveQueue(Id id, const Task& task) {
  if (!task.placed) return queue_.giveUp(task.host, id);
  const auto next = queue_.leave(task.host);
  if (!next) return;
  tasks_.at(*next).placed = true;
  turn_.push_back(*next);
}

void CurlLoop::failAll(const char* why) {
  while (!byHandle_.empty()) {
    const auto [handle, id] = *byHandle_.begin();
    byHandle_.erase(byHandle_.begin());
    CurlExchange& exchange = *tasks_.at(id).exchange;
    curl_multi_remove_handle(multi_.get(), handle);
    Response response = exchange.end(Fault::Kind::internal);
    response.fault.message = why;
    complete(id, std::move(response));
  }
}

}  // namespace qbatch::http
