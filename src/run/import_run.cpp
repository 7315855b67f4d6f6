#include "run/import_run.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>

#include "batch/retry.hpp"
#include "report_data.hpp"
#include "stream/item_hash.hpp"

namespace qbatch::run {

namespace {

std::string identityOf(const ClientCore& core) { return core.embedder() ? core.embedder()->traits().identity : std::string(); }

Error inputError(std::string what) { return Error(Errc::inputBroken, Origin::caller, std::move(what)); }

std::string otherInput(const std::string& checkpoint, const std::string& how) {
  return fmt::format("checkpoint: {} belongs to another input: {}; name another file, or delete it to store this input from its beginning",
                     checkpoint, how);
}

}  // namespace

ImportRun::ImportRun(ClientCore& core, ImportOptions options, PatternSource& source)
    : core_(core),
      options_(std::move(options)),
      source_(source),
      deadline_(batch::deadlineAfter(startedAt_, options_.deadline)),
      progress_(std::make_shared<ProgressReporter>(core.callbacks(), options_.progress)),
      keeper_(std::make_unique<ImportKeeper>(options_, options_.collection, identityOf(core))),
      resume_(keeper_->resume()),
      resumes_(resume_.anyStored()),
      dimension_(core.knownDimension()),
      flow_(core.options().flow.maxInFlight, core.options().flow.adaptive),
      tally_(options_.expected) {}

ImportRun::~ImportRun() = default;

ImportReport ImportRun::run() {
  keeperThread_ = std::thread([this] { keepLoop(); });
  std::optional<std::stop_callback<std::function<void()>>> callerStop;
  if (options_.stop.stop_possible())
    callerStop.emplace(options_.stop, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->stopAtOnce(Error(Errc::cancelled, Origin::caller, "cancelled by the caller"));
    });
  if (deadline_ != std::chrono::steady_clock::time_point::max()) {
    const std::lock_guard lock(mutex_);
    deadlineTimer_.emplace(core_.clock());
    deadlineTimer_->arm(deadline_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->stopAtOnce(Error(Errc::deadlineExceeded, Origin::caller, "the call's deadline passed"));
    });
  }
  try {
    pull();
    seal();
  } catch (...) {
    fail(std::current_exception());
    seal();
  }
  drain();
  auto data = report();
  close(data);
  if (exception_) std::rethrow_exception(exception_);
  return ImportReport(std::move(data));
}

void ImportRun::pull() {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (readingStopped_) return;
    }
    ImportItem item;
    try {
      if (!source_.next(item, sourceStop_.get_token())) {
        atEnd_ = !sourceStop_.stop_requested();
        return;
      }
    } catch (const std::exception& error) {
      return stopReading(inputError(error.what()));
    } catch (...) {
      return stopReading(inputError("the source threw something that is no std::exception"));
    }
    if (!take(std::move(item))) return;
  }
}

// False where nothing more is to be read.
bool ImportRun::take(ImportItem item) {
  const auto hash = item.problem.empty() ? stream::contentHash(item.pattern) : stream::contentHash(item.text);
  std::size_t index = 0, settledBefore = 0;
  {
    const std::lock_guard lock(mutex_);
    index = tally_.read();
    settledBefore = tally_.passedOver();
  }
  const auto known = resume_.next(index, hash);
  if (known == stream::Resume::Item::otherInput) {
    const auto problem = otherInput(options_.checkpoint, index == 0 ? std::string("its first item is another one")
                                                                    : fmt::format("of its items {} to {} not all are those that it knows",
                                                                                  resume_.differsFrom(), index));
    if (index == 0 || settledBefore == index) throw ConfigError({problem});  // nothing was sent
    {
      const std::lock_guard lock(mutex_);
      tally_.leave(index, inputError(problem));
    }
    stopAtOnce(inputError(problem));
    return false;
  }
  if (known == stream::Resume::Item::settled) {
    const std::lock_guard lock(mutex_);
    tally_.passOver(resume_.settled(), resume_.letters());
    return true;
  }
  if (index == 0) keeper_->begin(stream::itemDigest(0, hash));
  if (!fits(item)) seal();
  const auto bytes = bytesOnTheWay(item, dimension_);
  if (!acquire(bytes)) {
    // It was read, and is not to be lost.
    const std::lock_guard lock(mutex_);
    open_->add(std::move(item), index, hash);
    return false;
  }
  bool full = false;
  {
    const std::lock_guard lock(mutex_);
    open_->bytes += bytes;
    if (item.problem.empty()) open_->requestBytes += bytesInRequest(item.pattern, dimension_);
    open_->add(std::move(item), index, hash);
    open_->share = source_.share();
    full = open_->items() >= options_.chunk.maxItems;
  }
  if (full) seal();
  return true;
}

// Whether the open window has room for one more; an empty one always has. Four windows are to fit into the budget, so that stages overlap.
bool ImportRun::fits(const ImportItem& item) const {
  const std::lock_guard lock(mutex_);
  if (open_->items() == 0) return true;
  if (place_ && open_->items() >= mostItems(core_, options_.chunk.maxItems, place_->limits.upsertPoints)) return false;
  return open_->requestBytes + bytesInRequest(item.pattern, dimension_) <= options_.chunk.maxBytes &&
         open_->bytes + bytesOnTheWay(item, dimension_) <= core_.options().flow.maxBufferedBytes / 4;
}

// False where the import stopped meanwhile.
bool ImportRun::acquire(std::size_t bytes) {
  while (true) {
    std::size_t freed = 0;
    bool onlyOpen = false, alone = false;
    {
      const std::lock_guard lock(mutex_);
      if (atOnce_) return false;
      freed = budgetFreed_;
      onlyOpen = windows_.empty() && open_->items() > 0;
      alone = windows_.empty() && open_->items() == 0;
    }
    const auto wake = [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      const std::lock_guard lock(self->mutex_);
      ++self->budgetFreed_;
      self->changed_.notify_all();
    };
    if (core_.budget().take(bytes, alone, wake)) return true;
    if (onlyOpen) {
      seal();
      continue;
    }
    Lock lock(mutex_);
    changed_.wait(lock, [&] { return atOnce_ || budgetFreed_ != freed || windows_.empty(); });
  }
}

// Hands the open window on, when there is room.
void ImportRun::seal() {
  WindowPtr window;
  {
    Lock lock(mutex_);
    changed_.wait(lock, [&] { return !sealing_ && (atOnce_ || windows_.size() < mostWindows()); });
    window = claimOpen();
  }
  if (window) handOn(window);
}

// With the lock, while nobody else is sealing: null where the window is empty.
ImportRun::WindowPtr ImportRun::claimOpen() {
  if (open_->items() == 0) return nullptr;
  sealing_ = true;
  auto window = std::exchange(open_, std::make_shared<ImportWindow>());
  window->number = tally_.beginWindow();
  return window;
}

void ImportRun::handOn(const WindowPtr& window) {
  try {
    prepare(*window);
  } catch (const RequestError& error) {
    // Of the first window it is the call's; later there is a report that must not get lost.
    if (window->number == 0)
      fail(std::current_exception());
    else
      stopAtOnce(error.error());
  } catch (...) {
    fail(std::current_exception());
  }
  enter(window);
  advance();
}

void ImportRun::fail(std::exception_ptr exception) {
  {
    const std::lock_guard lock(mutex_);
    if (!exception_) exception_ = std::move(exception);
  }
  stopAtOnce(Error(Errc::internal, Origin::caller, "ended by an exception"));
}

// Into the order of the input: from here on, what comes later knows of it.
void ImportRun::enter(const WindowPtr& window) {
  const std::lock_guard lock(mutex_);
  window->blockers = ids_.enter(window->number, window->ids, window->hashes);
  windows_.emplace(window->number, window);
  const bool embeds = embedding_ && embedderRefusal_.empty() && window->wantsEmbedding();
  (embeds ? toEmbed_ : toStart_).push_back(window);
  sealing_ = false;
  changed_.notify_all();
}

void ImportRun::drain() {
  {
    Lock lock(mutex_);
    changed_.wait(lock, [&] { return windows_.empty() && !sealing_; });
    drained_ = true;
    changed_.notify_all();
  }
  keeperThread_.join();
  const std::lock_guard lock(mutex_);
  deadlineTimer_.reset();
}

ImportReport::Data ImportRun::report() {
  auto data = tally_.take();
  data.stopped = stopped_;
  data.atEnd = atEnd_;
  const auto stored = data.outcomes[static_cast<std::size_t>(Outcome::done)] + data.outcomes[static_cast<std::size_t>(Outcome::accepted)];
  const bool ended = stopped_.code() == Errc::cancelled || stopped_.code() == Errc::deadlineExceeded;
  if (ended && atEnd_ && stored + data.alreadyDone == data.items) data.stopped = {};  // when nothing was left to stop
  if (atEnd_ && !data.stopped && !resume_.endsAt(data.items))
    data.stopped = inputError(otherInput(options_.checkpoint, fmt::format("it ends with item {}, where that goes on", data.items)));
  data.stats.items = data.items;
  if (embedding_) data.stats.embedding = embedding_->busy();
  data.stats.accepted = data.outcomes[static_cast<std::size_t>(Outcome::accepted)];
  data.stats.total = std::chrono::steady_clock::now() - startedAt_;
  data.stats.callbackErrors = progress_->finishAndWait(last_);
  return data;
}

// The files are free when the call returns, whoever still holds this object.
void ImportRun::close(ImportReport::Data& data) {
  try {
    keeper_->sync(true);
    if (atEnd_ && !data.stopped && keeper_->allSettled()) clearSpool();
  } catch (const RequestError& error) {
    if (!data.stopped) data.stopped = error.error();
  }
  keeper_.reset();
  if (embedding_) embedding_->closeSpool();
}

void ImportRun::stopReading(const Error& why) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_) stopped_ = why;
    readingStopped_ = true;
    changed_.notify_all();
  }
  sourceStop_.request_stop();
}

void ImportRun::stopAtOnce(const Error& why) {
  std::vector<std::shared_ptr<StoreRun>> running;
  std::shared_ptr<ImportEmbedding> embedding;
  Error reason;
  {
    const std::lock_guard lock(mutex_);
    if (drained_ || std::exchange(atOnce_, true)) return;  // the caller's stop or the deadline may come when all has ended
    if (!stopped_) stopped_ = why;
    reason = stopped_;
    readingStopped_ = true;
    for (const auto& [number, run] : running_) running.push_back(run);
    embedding = embedding_;
    changed_.notify_all();
  }
  sourceStop_.request_stop();
  embedStop_.request_stop();
  if (embedding) embedding->stop();
  for (const auto& run : running) run->cancel(reason);
  advance();
}

CallOptions ImportRun::callOptions() const {
  CallOptions call;
  call.collection = options_.collection;
  call.chunk = options_.chunk;
  call.deadline = batch::timeLeft(deadline_, std::chrono::steady_clock::now());
  call.prepaid = true;
  return call;
}

}  // namespace qbatch::run
