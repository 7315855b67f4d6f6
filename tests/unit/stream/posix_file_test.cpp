#include "stream/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "qbatch/error.hpp"
#include "support/catch.hpp"
#include "support/file_size_limit.hpp"
#include "support/request_error.hpp"
#include "support/scratch_folder.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::stream;
using namespace qbatch::test;

namespace {
bool isOpen(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }
}  // namespace

TEST_CASE("a descriptor closes what it holds, once, and programs that are started do not get it") {
  int number = -1;
  {
    Descriptor first = openFile("/dev/null", O_RDONLY);
    number = first.get();
    REQUIRE(first);
    CHECK((fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
    Descriptor second = std::move(first);
    CHECK_FALSE(first);  // NOLINT(bugprone-use-after-move): what is left is what is tested
    CHECK(second.get() == number);
    CHECK(isOpen(number));
  }
  CHECK_FALSE(isOpen(number));
  CHECK(Descriptor().close() == 0);
}

TEST_CASE("no room and all other failures are told apart, with the file and what to do") {
  for (const int full : {ENOSPC, EDQUOT, EFBIG}) {
    const Error error = requestError([&] { failStorage({"the checkpoint", "/a/b"}, "written", full); });
    CHECK(error.code() == make_error_code(Errc::storageFull));
    CHECK_THAT(error.message(), contains("the checkpoint `/a/b`") && contains("free space and start again"));
  }
  for (const int other : {EIO, EACCES, EROFS, ENOENT}) {
    const Error error = requestError([&] { failStorage({"the checkpoint", "/a/b"}, "written", other); });
    CHECK(error.code() == make_error_code(Errc::storageBroken));
    CHECK(error.origin() == Origin::caller);
    CHECK_THAT(error.message(), contains("the checkpoint `/a/b` cannot be written (") && contains(": check "));
  }
}

TEST_CASE("names that the system would cut short or not take are refused") {
  CHECK_THAT(requestError([] { checkName({"the spool", ""}); }).message(), contains("the spool is empty"));
  CHECK_THAT(requestError([] { checkName({"the spool", std::string("a\0b", 3)}); }).message(), contains("NUL"));
  CHECK_NOTHROW(checkName({"the spool", "a"}));
}

TEST_CASE("a file is locked for one holder at a time") {
  const ScratchFolder folder;
  const StorageName name{"the file", (folder.path() / "file").string()};
  {
    const Descriptor first = openFile(name.file, O_RDWR | O_CREAT);
    lockFile(first, name);
    const Error error = requestError([&] { lockFile(openFile(name.file, O_RDWR), name); });
    CHECK(error.code() == make_error_code(Errc::inUse));
    CHECK_THAT(error.message(), contains(name.file) && contains("another import"));
  }
  CHECK_NOTHROW(lockFile(openFile(name.file, O_RDWR), name));
  CHECK(requestError([&] { lockFile(Descriptor(), name); }).code() == make_error_code(Errc::storageBroken));
}

TEST_CASE("what is written can be read at any place, and what is missing is not made up") {
  const ScratchFolder folder;
  const std::string path = (folder.path() / "file").string();
  const Descriptor file = openFile(path, O_RDWR | O_CREAT);
  CHECK(writeWhole(file, "0123456789") == 0);
  std::array<char, 8> bytes{};
  CHECK(readAt(file, 2, bytes.data(), 3) == 3);
  CHECK(std::string(bytes.data(), 3) == "234");
  CHECK(readAt(file, 7, bytes.data(), 8) == 3);
  CHECK(readAt(file, 10, bytes.data(), 8) == 0);
  CHECK(readAt(Descriptor(), 0, bytes.data(), 8) == -1);
  CHECK(writeWhole(Descriptor(), "x") == EBADF);
  {
    const FileSizeLimit limit(15);
    CHECK(writeWhole(file, "0123456789") == EFBIG);
  }
  struct stat facts {};
  REQUIRE(fstat(file.get(), &facts) == 0);
  CHECK(facts.st_size == 15);  // a short write, gone on with until the refusal
}

TEST_CASE("a file is told from another that took its name") {
  const ScratchFolder folder;
  const auto path = (folder.path() / "file").string();
  const auto file = openFile(path, O_RDWR | O_CREAT);
  CHECK(isStill(file, path));
  std::filesystem::rename(path, path + ".moved");
  CHECK_FALSE(isStill(file, path));
  CHECK(isStill(file, path + ".moved"));
  const auto other = openFile(path, O_RDWR | O_CREAT);
  CHECK_FALSE(isStill(file, path));
  CHECK(isStill(other, path));
  CHECK_FALSE(isStill(Descriptor(), path));
}
