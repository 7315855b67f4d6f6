#include "local/file_owner.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "qbatch/error.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

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
  const test::TempFolder folder;
  const std::string file = folder.file("store");
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
  const test::TempFolder folder;
  const std::string file = folder.file("store");
  std::ofstream(file + "-owner") << "99999999\nnowhere\n" << std::string(5000, 'x');
  { const FileOwner owner(file); }
  std::ifstream lines(file + "-owner");
  std::string pid;
  std::getline(lines, pid);
  CHECK(pid == std::to_string(getpid()));
}

TEST_CASE("an owner file that cannot be written is said") {
  const test::TempFolder folder;
  fs::create_directory(folder.file("store-owner"));
  CHECK(ownError(folder.file("store")).code() == make_error_code(Errc::storageBroken));
}

TEST_CASE("one file has one canonical name") {
  const test::TempFolder folder;
  const std::string real = canonicalFile(folder.file("store"));
  fs::create_symlink("store", folder.file("link"));
  fs::create_symlink(folder.path(), folder.file("same"));
  CHECK(canonicalFile(folder.file("link")) == real);  // before the file exists
  CHECK(canonicalFile(folder.file("same/link")) == real);
  CHECK(canonicalFile(folder.file("./store")) == real);
  std::ofstream(real) << "x";
  CHECK(canonicalFile(folder.file("link")) == real);
  CHECK(canonicalFile(folder.file("same/link")) == real);
}

TEST_CASE("names that cannot be a file are refused with what to do") {
  const test::TempFolder folder;
  CHECK(pathError("").code() == make_error_code(Errc::storageBroken));
  CHECK(pathError(folder.path().string()).message().find("folder") != std::string::npos);
  const Error missing = pathError(folder.file("none/store"));
  CHECK(missing.code() == make_error_code(Errc::storageBroken));
  CHECK(missing.message().find("create it") != std::string::npos);
  CHECK(pathError(std::string("a\0b", 3)).code() == make_error_code(Errc::storageBroken));
  fs::create_symlink("loop", folder.file("loop"));
  CHECK(pathError(folder.file("loop")).code() == make_error_code(Errc::storageBroken));
}
