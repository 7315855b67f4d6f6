#include "local/local_backend.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <exception>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "local/catalog.hpp"
#include "local/file_owner.hpp"
#include "local/group_commit.hpp"
#include "local/interrupt.hpp"
#include "local/reads.hpp"
#include "local/refusal.hpp"
#include "local/store_file.hpp"
#include "local/write_queue.hpp"
#include "local/writes.hpp"
#include "qbatch/local.hpp"

namespace qbatch::local {
namespace {

/// Visits a read; std::monostate where the request is none.
struct Reader {
  const Names& names;
  const Interrupt& interrupt;

  Answer operator()(const DescribeCollection& request) const { return describe(names, request); }
  Answer operator()(const ListCollections&) const { return list(names); }
  Answer operator()(const RetrievePoints& request) const { return retrieve(names, request); }
  Answer operator()(const QueryPoints& request) const { return query(names, request, interrupt); }
  Answer operator()(const ScrollPoints& request) const { return scroll(names, request, interrupt); }
  Answer operator()(const CountPoints& request) const { return count(names, request, interrupt); }
  template <typename Write>
  Answer operator()(const Write&) const {
    return {};
  }
};

Reply fatal(Error error) { return replyOf(refuseAll(std::move(error)).verdict()); }

Reply faultOf(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return fatal(Error(Errc::internal, Origin::server, "the embedded engine ran out of memory: ask for less at once"));
  }
  return fatal(Error(Errc::internal, Origin::server, fmt::format("a fault of the embedded engine: {}", error.what())));
}

Reply read(const Catalog& catalog, const Request& request, const CallLimits& limits) {
  try {
    const Interrupt interrupt(limits);
    interrupt.check();
    const auto names = catalog.names();
    Reply reply;
    reply.answer = std::visit(Reader{*names, interrupt}, request);
    if (std::holds_alternative<DescribeCollection>(request))
      reply.requests = 0;  // a look at what is in memory, no work that a batch could save
    return reply;
  } catch (const Refusal& refusal) {
    return replyOf(refusal.verdict());
  } catch (const std::exception& error) {
    return faultOf(error);
  }
}

}  // namespace

struct LocalBackend::Engine {
  explicit Engine(const std::string& name) {
    if (name != ":memory:") {
      const std::string path = canonicalFile(name);
      // Opening and closing a file drops the locks that this process already has on it, so that it is looked at only once it is known that
      // nobody here owns it: before there is an owner's file, which a file that is no store must not get, or when this is the owner.
      if (::access(FileOwner::pathFor(path).c_str(), F_OK) != 0) StoreFile::checkHeader(path);
      owner.emplace(path);
      StoreFile::checkHeader(path);
      file = std::make_unique<StoreFile>(path);
      catalog.load(*file);
    }
    commits.emplace(catalog, file.get());
  }

  void carryOutWrites() {
    for (auto jobs = queue.takeAll(); !jobs.empty(); jobs = queue.takeAll()) commits->run(jobs);
  }

  std::optional<FileOwner> owner;  // before the file and longer than it
  std::unique_ptr<StoreFile> file;
  Catalog catalog;
  std::optional<GroupCommit> commits;
  WriteQueue queue;
};

/// What only the process that opened the store has.
struct LocalBackend::Running {
  std::shared_ptr<Engine> engine;
  std::thread thread;
};

LocalBackend::LocalBackend(const std::string& file) : process_(getpid()), running_(std::make_unique<Running>()) {
  running_->engine = std::make_shared<Engine>(file);
  // The thread shares the engine, for the case that the backend is destroyed on that very thread.
  running_->thread = std::thread([engine = running_->engine] { engine->carryOutWrites(); });
}

LocalBackend::~LocalBackend() {
  if (getpid() != process_) {
    // A forked child: the thread does not exist here, and closing the file would write to what the parent owns. Only the lock's
    // descriptor is given up, so that it ends with the parent. The rest stays as it is, reachable but never used.
    static Running* abandoned = nullptr;
    running_->engine->owner.reset();
    abandoned = running_.release();
    static_cast<void>(abandoned);
    return;
  }
  running_->engine->queue.close();
  if (running_->thread.get_id() == std::this_thread::get_id()) {
    running_->thread.detach();
  } else {
    running_->thread.join();
  }
}

void LocalBackend::run(const Request& request, CallLimits limits, Completion completion) {
  if (getpid() != process_) {
    completion(fatal(
        Error(Errc::inUse, Origin::caller,
              fmt::format("this store was opened by process {} before it forked: open it in the process that is to use it, or share it "
                          "through `qbatch local-server`",
                          process_))));
    return;
  }
  Engine& engine = *running_->engine;
  if (const auto broken = engine.commits->broken()) {
    completion(fatal(*broken));
    return;
  }
  if (!isWrite(request)) {
    completion(read(engine.catalog, request, limits));
    return;
  }
  try {
    engine.queue.push({&request, std::move(limits), completion});
  } catch (const std::exception& error) {
    completion(faultOf(error));
  }
}

}  // namespace qbatch::local

namespace qbatch {

std::shared_ptr<Backend> makeLocalBackend(std::string file) { return std::make_shared<local::LocalBackend>(file); }

}  // namespace qbatch
