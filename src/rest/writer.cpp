#include "rest/writer.hpp"

#include <unistd.h>

namespace qbatch::rest {

Writer::Flush Writer::next(std::chrono::system_clock::time_point now) { return {name(), sequence_.next(now)}; }

std::string Writer::name() {
  const std::lock_guard lock(mutex_);
  if (process_ != ownProcess()) {
    process_ = ownProcess();
    name_ = randomWriter();
  }
  return name_;
}

bool Writer::forked() const noexcept { return maker_ != ownProcess(); }

pid_t Writer::ownProcess() noexcept { return ::getpid(); }

}  // namespace qbatch::rest
