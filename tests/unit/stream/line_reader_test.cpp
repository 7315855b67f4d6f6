#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "qbatch/lines.hpp"
#include "support/catch.hpp"
#include "support/gzipped.hpp"
#include "support/scratch_folder.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using Lines = std::vector<std::pair<std::size_t, std::string>>;

namespace {

class Folder {
 public:
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  [[nodiscard]] std::string write(const std::string& text) const {
    std::ofstream(path("in"), std::ios::binary) << text;
    return path("in");
  }

 private:
  test::ScratchFolder folder_;
};

Lines linesOf(LineReader& reader) {
  Lines lines;
  while (reader.next()) lines.emplace_back(reader.number(), reader.text());
  CHECK_FALSE(reader.cutShort());
  CHECK_FALSE(reader.next());
  return lines;
}

Lines linesOf(const std::string& path) {
  LineReader reader(path);
  CHECK(reader.name() == path);
  return linesOf(reader);
}

}  // namespace

TEST_CASE("lines come without their ends, with their numbers, and blank ones only count") {
  const Folder folder;
  CHECK(linesOf(folder.write("a\nb\n")) == Lines{{1, "a"}, {2, "b"}});
  CHECK(linesOf(folder.write("a\r\n\r\n \t\n b \nlast")) == Lines{{1, "a"}, {4, " b "}, {5, "last"}});
  CHECK(linesOf(folder.write("\xEF\xBB\xBF{}\n\xEF\xBB\xBF{}\n")) == Lines{{1, "{}"}, {2, "\xEF\xBB\xBF{}"}});
  CHECK(linesOf(folder.write("\xEF\xBB\xBF\r\nx")) == Lines{{2, "x"}});
  CHECK(linesOf(folder.write(std::string("a\0b\n", 4))) == Lines{{1, std::string("a\0b", 3)}});
  CHECK(linesOf(folder.write("\n\n")).empty());
  CHECK(linesOf(folder.write("")).empty());
}

TEST_CASE("a line may be longer than what is read at once, and end at its edge") {
  const Folder folder;
  constexpr std::size_t atOnce = std::size_t{1} << 18;
  for (const std::size_t length : {atOnce - 1, atOnce, atOnce + 1, 5 * atOnce}) {
    const std::string line(length, 'x');
    CHECK(linesOf(folder.write("a\n" + line + "\r\nb\n")) == Lines{{1, "a"}, {2, line}, {3, "b"}});
    CHECK(linesOf(folder.write(line + "\nb")) == Lines{{1, line}, {2, "b"}});
    CHECK(linesOf(folder.write(line)) == Lines{{1, line}});
  }
}

TEST_CASE("a packed file has the lines that were packed") {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 100; ++i) text += "line " + std::to_string(i) + "\n";
  const auto plain = linesOf(folder.write(text));
  REQUIRE(plain.size() == 100);
  CHECK(linesOf(folder.write(test::gzipped(text))) == plain);
  LineReader cut(folder.write(test::gzipped(text).substr(0, 100)));
  const auto readOn = [&] {
    while (cut.next()) continue;
  };
  CHECK_THROWS_WITH(readOn(), test::contains("cut off"));
  CHECK_THROWS_AS(cut.next(), InputError);
}

TEST_CASE("a line is the caller's to change, and a reader can be moved between lines") {
  const Folder folder;
  LineReader first(folder.write("a\nb\nc\n"));
  REQUIRE(first.next());
  first.text().append(1000, '!');
  LineReader second(std::move(first));
  REQUIRE(second.next());
  CHECK(second.text() == "b");
  LineReader third("/dev/null");
  third = std::move(second);
  REQUIRE(third.next());
  CHECK(third.text() == "c");
  CHECK(third.number() == 3);
  CHECK_FALSE(third.next());
}

TEST_CASE("the share goes line by line to 1") {
  const Folder folder;
  LineReader reader(folder.write("aa\nbb\ncc\ndd\n"));
  CHECK(reader.share() == 0);
  for (const double share : {0.25, 0.5, 0.75, 1.0}) {
    REQUIRE(reader.next());
    CHECK(reader.share() == share);
  }
  CHECK_FALSE(reader.next());
  CHECK(reader.share() == 1);
}

TEST_CASE("after a request to stop no line comes any more, and the reader says whether one was left") {
  const Folder folder;
  std::stop_source stop;
  LineReader reader(folder.write("a\nb\n"));
  REQUIRE(reader.next(stop.get_token()));
  CHECK_FALSE(reader.cutShort());
  stop.request_stop();
  CHECK_FALSE(reader.next(stop.get_token()));
  CHECK(reader.cutShort());
  CHECK_FALSE(reader.next());
  LineReader read(folder.write("a\n"));
  while (read.next()) continue;
  CHECK_FALSE(read.next(stop.get_token()));
  CHECK_FALSE(read.cutShort());
}

TEST_CASE("a pipe that is silent in the middle of a line can be stopped, and the torn line is none") {
  const Folder folder;
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  LineReader reader(folder.path("pipe"));
  const int end = ::open(folder.path("pipe").c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(end >= 0);
  REQUIRE(::write(end, "whole\ntorn", 10) == 10);
  std::stop_source stop;
  REQUIRE(reader.next(stop.get_token()));
  CHECK(reader.text() == "whole");
  CHECK_FALSE(reader.share());
  std::jthread stopper([&] { stop.request_stop(); });
  CHECK_FALSE(reader.next(stop.get_token()));
  CHECK(reader.cutShort());
  CHECK(reader.number() == 1);
  ::close(end);
}

TEST_CASE("what cannot be opened is an InputError") {
  const Folder folder;
  CHECK_THROWS_WITH(LineReader(folder.path("none")), folder.path("none") + ": cannot be opened: No such file or directory");
  CHECK_THROWS_AS(LineReader(folder.path("")), InputError);
}
