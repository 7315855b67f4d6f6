#include "local/file_owner.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "qbatch/error.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::local;
namespace fs = std::filesystem;

namespace {
Error ownError(const std::string& file) {
  try {
    const FileOwner owner(file);
  } catch (const RequestError& error) {
    return error.error();
  }
  return {};
}
Error pathError(const std::string& file) {
  try {
    static_cast<void>(canonicalFile(file));
  } catch (const RequestError& error) {
    return error.error();
  }
  return {};
}
}  // namespace

TEST_CASE("one owner at a time, named to the second") {
  const test::ScratchFolder folder;
  const std::string file = (folder.path() / "store").string();
  {
    const FileOwner owner(file);
    const Error error = ownError(file);
    CHECK(error.code() == make_error_code(Errc::inUse));
    CHECK(error.message().find(std::to_string(getpid())) != std::string::npos);
    CHECK(error.message().find(fs::read_symlink("/proc/self/exe").filename().string()) != std::string::npos);
    CHECK(error.message().find("qbatch local-server") != std::string::npos);
  }
  CHECK_FALSE(ownError(file));
}

TEST_CASE("an owner file left behind, whatever is in it, is no obstacle") {
  const test::ScratchFolder folder;
  const std::string file = (folder.path() / "store").string();
  std::ofstream(file + "-owner") << "99999999\nnowhere\n" << std::string(5000, 'x');
  { const FileOwner owner(file); }
  std::ifstream lines(file + "-owner");
  std::string pid;
  std::getline(lines, pid);
  CHECK(pid == std::to_string(getpid()));
}

TEST_CASE("an owner file that cannot be written is said") {
  const test::ScratchFolder folder;
  fs::create_directory((folder.path() / "store-owner").string());
  CHECK(ownError((folder.path() / "store").string()).code() == make_error_code(Errc::storageBroken));
}

TEST_CASE("one file has one canonical name") {
  const test::ScratchFolder folder;
  const std::string real = canonicalFile((folder.path() / "store").string());
  fs::create_symlink("store", (folder.path() / "link").string());
  fs::create_symlink(folder.path(), (folder.path() / "same").string());
  CHECK(canonicalFile((folder.path() / "link").string()) == real);  // before the file exists
  CHECK(canonicalFile((folder.path() / "same/link").string()) == real);
  CHECK(canonicalFile((folder.path() / "./store").string()) == real);
  std::ofstream(real) << "x";
  CHECK(canonicalFile((folder.path() / "link").string()) == real);
  CHECK(canonicalFile((folder.path() / "same/link").string()) == real);
}

TEST_CASE("names that cannot be a file are refused with what to do") {
  const test::ScratchFolder folder;
  CHECK(pathError("").code() == make_error_code(Errc::storageBroken));
  CHECK(pathError(folder.path().string()).message().find("folder") != std::string::npos);
  const Error missing = pathError((folder.path() / "none/store").string());
  CHECK(missing.code() == make_error_code(Errc::storageBroken));
  CHECK(missing.message().find("create it") != std::string::npos);
  CHECK(pathError(std::string("a\0b", 3)).code() == make_error_code(Errc::storageBroken));
  fs::create_symlink("loop", (folder.path() / "loop").string());
  CHECK(pathError((folder.path() / "loop").string()).code() == make_error_code(Errc::storageBroken));
}
