#include "stream/append_file.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include "qbatch/error.hpp"
#include "support/catch.hpp"
#include "support/file_bytes.hpp"
#include "support/file_size_limit.hpp"
#include "support/request_error.hpp"
#include "support/scratch_folder.hpp"
#include "support/small_disk.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;
using stream::AppendFile;
namespace fs = std::filesystem;

namespace {

using Line = std::tuple<std::string, std::size_t, bool>;

std::vector<Line> linesOf(const AppendFile& file) {
  std::vector<Line> lines;
  file.eachLine([&](std::string_view text, std::size_t offset, bool complete) { lines.emplace_back(text, offset, complete); });
  return lines;
}

Error openError(const std::string& file) {
  return requestError([&] { const AppendFile opened(file, "the checkpoint"); });
}

}  // namespace

TEST_CASE("what is appended is there for the next that opens the file, line by line") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "file").string();
  {
    AppendFile first(file, "the checkpoint");
    CHECK(first.size() == 0);
    CHECK(linesOf(first).empty());
    first.append("one\n\nth");
    first.append("");
    first.append("ree\nfo");
    first.sync();
    first.sync();
    CHECK(linesOf(first) == std::vector<Line>{{"one", 0, true}, {"", 4, true}, {"three", 5, true}, {"fo", 11, false}});
  }
  AppendFile second(file, "the checkpoint");
  CHECK(second.size() == 13);
  second.cut(11);
  second.cut(20);
  CHECK(second.size() == 11);
  second.append("four\n");
  CHECK(bytesOf(file) == "one\n\nthree\nfour\n");
  CHECK(second.name().file == file);
}

TEST_CASE("lines longer than what is read at once are whole") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "file").string();
  const std::string a(1'000'000, 'a'), b(262'143, 'b'), c(300'000, 'c');
  setBytes(file, b + "\n" + a + "\n\n" + c);
  const AppendFile opened(file, "the checkpoint");
  CHECK(linesOf(opened) == std::vector<Line>{{b, 0, true}, {a, 262'144, true}, {"", 1'262'145, true}, {c, 1'262'146, false}});
}

TEST_CASE("a second that opens the file is told that it is in use, until the first has gone") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "file").string();
  {
    const AppendFile first(file, "the checkpoint");
    const Error error = openError(file);
    CHECK(error.code() == make_error_code(Errc::inUse));
    CHECK(error.origin() == Origin::caller);
    CHECK_THAT(error.message(), contains(file) && contains("the checkpoint") && contains("another import"));
  }
  CHECK_FALSE(openError(file));
}

TEST_CASE("what is no regular file, or cannot be made, is refused with the reason") {
  const ScratchFolder folder;
  const std::string pipe = (folder.path() / "pipe").string();
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::string& file : {std::string("/dev/full"), pipe}) {
    const Error error = openError(file);
    CHECK(error.code() == make_error_code(Errc::storageBroken));
    CHECK_THAT(error.message(), contains(file) && contains("no regular file"));
  }
  CHECK_THAT(openError(folder.path().string()).message(), contains("cannot be opened"));
  CHECK_THAT(openError((folder.path() / "none/file").string()).message(), contains("check that its folder exists"));
  CHECK_THAT(openError("").message(), contains("empty"));
  CHECK_THAT(openError(std::string("a\0b", 3)).message(), contains("NUL"));
}

TEST_CASE("what does not fit is taken back, and what was appended before stands") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "file").string();
  AppendFile opened(file, "the checkpoint");
  opened.append("before\n");
  {
    const FileSizeLimit limit(100);
    const Error error = requestError([&] { opened.append(std::string(1000, 'x')); });
    CHECK(error.code() == make_error_code(Errc::storageFull));
    CHECK_THAT(error.message(), contains(file) && contains("free space and start again"));
  }
  CHECK(bytesOf(file) == "before\n");
  opened.append("after\n");
  opened.sync();
  CHECK(bytesOf(file) == "before\nafter\n");
}

TEST_CASE("a full disk is said, and the file stays whole") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  const std::string file = disk.file("file");
  const std::string text = std::string(4999, 'x') + "\n";
  std::size_t appended = 0;
  AppendFile opened(file, "the checkpoint");
  disk.fill(2'900'000);
  Error error;
  for (; !error; appended += error ? 0 : 1) {
    REQUIRE(appended < 1000);
    error = requestError([&] { opened.append(text); });
  }
  CHECK(error.code() == make_error_code(Errc::storageFull));
  CHECK(appended > 10);
  CHECK(fs::file_size(file) == appended * text.size());
  disk.makeRoom();
  opened.append(text);
  CHECK(fs::file_size(file) == (appended + 1) * text.size());
}
