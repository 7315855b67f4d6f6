#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "qbatch/local.hpp"
#include "support/backend_calls.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::test;

// Runs in a process of its own, for the test below.
TEST_CASE("child: owns a store file until it is killed", "[.]") {
  const char* file = std::getenv("QBATCH_CHILD_FILE");
  if (file == nullptr) return;
  const auto backend = makeLocalBackend(file);
  createCollection(*backend, "c", 1, Distance::dot);
  childReport("open");
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

TEST_CASE("a second process is told who owns the file, and has it once the owner was killed") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "store.db").string();
  ChildProcess child("child: owns a store file until it is killed", {"QBATCH_CHILD_FILE=" + file});
  std::string line;
  REQUIRE(child.readLine(line));
  try {
    const auto backend = makeLocalBackend(file);
    FAIL("the file was opened twice");
  } catch (const RequestError& error) {
    CAPTURE(error.error().message());
    CHECK(error.error().code() == make_error_code(Errc::inUse));
    CHECK(error.error().message().find("process " + std::to_string(child.pid())) != std::string::npos);
    CHECK(error.error().message().find("_test") != std::string::npos);  // the program's name
    CHECK(error.error().message().find("qbatch local-server") != std::string::npos);
  }
  child.killHard();
  const auto backend = makeLocalBackend(file);
  CHECK(ask<std::optional<CollectionInfo>>(*backend, DescribeCollection{"c", ""}));
}

TEST_CASE("a refused second open in the same process leaves the lock on the file in place") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "store.db").string(), other = (folder.path() / "other name.db").string();
  const auto backend = makeLocalBackend(file);
  createCollection(*backend, "c", 1, Distance::dot);
  CHECK_THROWS_AS(makeLocalBackend(file), RequestError);
  // Under another name only the lock on the file itself tells another process to stay away.
  std::filesystem::create_hard_link(file, other);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    int result = 1;
    try {
      const auto second = makeLocalBackend(other);
    } catch (const RequestError&) {
      result = 0;
    }
    ::_exit(result);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
