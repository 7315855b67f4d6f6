#include "local/engine.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "local/file_owner.hpp"
#include "local/store_file.hpp"
#include "local/write_queue.hpp"

namespace qbatch::local {

struct Engine::Store {
  explicit Store(const std::string& name) {
    if (name != ":memory:") {
      const std::string path = canonicalFile(name);
      owner = StoreFile::own(path);
      file = std::make_unique<StoreFile>(path);
      catalog.load(*file);
    }
    commits.emplace(catalog, file.get());
  }

  void carryOutWrites() {
    for (auto jobs = queue.takeAll(); !jobs.empty(); jobs = queue.takeAll()) commits->run(std::move(jobs));
  }

  std::unique_ptr<FileOwner> owner;  // before the file and longer than it
  std::unique_ptr<StoreFile> file;
  Catalog catalog;
  std::optional<GroupCommit> commits;
  WriteQueue queue;
};

/// What only the process that opened the store has.
struct Engine::Running {
  std::shared_ptr<Store> store;
  std::thread thread;
};

Engine::Engine(const std::string& file) : process_(getpid()), running_(std::make_unique<Running>()) {
  running_->store = std::make_shared<Store>(file);
  // The thread shares the store, for the case that the engine is destroyed on that very thread.
  running_->thread = std::thread([store = running_->store] { store->carryOutWrites(); });
}

Engine::~Engine() {
  if (getpid() != process_) {
    // A forked child: the thread does not exist here, and closing the file would write to what the parent owns. Only the lock's
    // descriptor is given up, so that it ends with the parent. The rest stays as it is, reachable but never used.
    static Running* abandoned = nullptr;
    running_->store->owner.reset();
    abandoned = running_.release();
    static_cast<void>(abandoned);
    return;
  }
  running_->store->queue.close();
  if (running_->thread.get_id() == std::this_thread::get_id()) {
    running_->thread.detach();
  } else {
    running_->thread.join();
  }
}

std::optional<Error> Engine::unusable() const {
  if (getpid() == process_) return running_->store->commits->broken();
  return Error(Errc::inUse, Origin::caller,
               fmt::format("this store was opened by process {} before it forked: open it in the process that is to use it, or share it "
                           "through `qbatch local-server`",
                           process_));
}

std::shared_ptr<const Names> Engine::names() const { return running_->store->catalog.names(); }

void Engine::write(std::unique_ptr<WriteJob> job) { running_->store->queue.push(std::move(job)); }

}  // namespace qbatch::local
