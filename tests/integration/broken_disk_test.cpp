#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "qbatch/local.hpp"
#include "support/backend_calls.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = Verdict::Kind;

namespace {

/// As long as this object lives, no file of this process can grow beyond a size: writing then fails as on a broken disk.
class SizeLimit {
 public:
  explicit SizeLimit(std::uintmax_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;
  ~SizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("where it is not known whether a write reached the file, the answer says so and the store must be opened anew") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "store.db").string();
  auto backend = makeLocalBackend(file);
  createCollection(*backend, "c", 1, Distance::dot);
  REQUIRE(store(*backend, "c", {{1, {1}, "{}"}}).verdict.kind == Kind::completed);
  const Reply unknown = [&] {
    const SizeLimit limit(std::filesystem::file_size(file + "-wal") + 100);
    return store(*backend, "c", {{2, {1}, "{}"}});
  }();
  CAPTURE(unknown.verdict.error.message());
  CHECK(isError(unknown, Kind::fatal, Errc::storageBroken));
  CHECK(unknown.verdict.maybeApplied);
  CHECK(unknown.verdict.error.message().find("open it anew") != std::string::npos);

  // Nothing is answered out of a memory that may differ from the file.
  const Reply later = store(*backend, "c", {{3, {1}, "{}"}});
  CHECK(isError(later, Kind::fatal, Errc::storageBroken));
  CHECK_FALSE(later.verdict.maybeApplied);
  CHECK(isError(call(*backend, CountPoints{"c", ""}), Kind::fatal, Errc::storageBroken));

  backend.reset();
  backend = makeLocalBackend(file);
  CHECK(payloadOf(*backend, "c", 1) == "{}");
  CHECK(payloadOf(*backend, "c", 3) == "absent");
  CHECK(store(*backend, "c", {{3, {1}, "{}"}}).verdict.kind == Kind::completed);
}
