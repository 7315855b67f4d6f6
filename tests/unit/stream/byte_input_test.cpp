#include "stream/byte_input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

#include "qbatch/lines.hpp"
#include "support/catch.hpp"
#include "support/gzipped.hpp"
#include "support/scratch_folder.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using qbatch::stream::ByteInput;
using qbatch::test::contains;
using qbatch::test::gzipped;

namespace {

class Files {
 public:
  std::string write(const std::string& text) {
    const auto path = (folder_.path() / std::to_string(++count_)).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::string pipe() {
    const auto path = (folder_.path() / std::to_string(++count_)).string();
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    return path;
  }
  [[nodiscard]] std::string folder() const { return folder_.path().string(); }

 private:
  test::ScratchFolder folder_;
  int count_ = 0;
};

std::string allOf(ByteInput& input) {
  std::string all, bytes;
  while (input.read(bytes, {}) == ByteInput::Read::some) {
    CHECK_FALSE(bytes.empty());
    all += bytes;
  }
  CHECK(bytes.empty());
  return all;
}

std::string allOf(const std::string& path) {
  ByteInput input(path);
  return allOf(input);
}

std::string numbers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i) + "\n";
  return text;
}

}  // namespace

TEST_CASE("a file is read whole, plain and packed") {
  Files files;
  for (const std::string& text : {std::string(), std::string("x"), std::string("\x1F"), std::string("\0\r\n", 3), numbers(200'000)}) {
    CHECK(allOf(files.write(text)) == text);
  }
  // More than is read, and more than is given, at once.
  const std::string text = numbers(400'000), packed = gzipped(text);
  REQUIRE(packed.size() > (1 << 18));
  CHECK(allOf(files.write(packed)) == text);
  CHECK(allOf(files.write(packed + packed)) == text + text);
  // Few bytes that become many.
  CHECK(allOf(files.write(gzipped(std::string(5'000'000, 'a')))) == std::string(5'000'000, 'a'));
}

TEST_CASE("what cannot be opened or read is refused with the path and the cause") {
  Files files;
  CHECK_THROWS_WITH(ByteInput("none.jsonl"), "none.jsonl: cannot be opened: No such file or directory");
  CHECK_THROWS_WITH(ByteInput(files.folder()), files.folder() + ": is a folder; name a file");
  CHECK_THROWS_AS(ByteInput(files.folder()), InputError);
}

TEST_CASE("a packed file that is cut off or damaged gives what is sound, and says so then") {
  Files files;
  const std::string text = numbers(100'000), packed = gzipped(text);
  const auto cut = files.write(packed.substr(0, packed.size() / 2));
  ByteInput input(cut);
  std::string all, bytes;
  const auto readOn = [&] {
    while (input.read(bytes, {}) == ByteInput::Read::some) all += bytes;
  };
  for (int again = 0; again < 2; ++again) {
    CHECK_THROWS_WITH(readOn(), contains(cut) && contains("cut off"));
    CHECK(bytes.empty());
  }
  CHECK(all.size() > text.size() / 4);
  CHECK(text.starts_with(all));
  CHECK_THROWS_WITH(allOf(files.write(packed.substr(0, 2))), contains("cut off"));
  CHECK_THROWS_WITH(allOf(files.write(packed.substr(0, packed.size() - 1))), contains("cut off"));
  auto damaged = packed;
  damaged[packed.size() - 5] = static_cast<char>(damaged[packed.size() - 5] ^ 1);
  CHECK_THROWS_WITH(allOf(files.write(damaged)), contains("damaged"));
  CHECK_THROWS_WITH(allOf(files.write(packed + "{}")), contains("damaged"));
  CHECK_THROWS_AS(allOf(files.write("\x1F\x8Bno")), InputError);
}

TEST_CASE("the share of a file grows to 1 with what is used of it") {
  Files files;
  const std::string text = numbers(200'000);
  for (const auto& content : {text, gzipped(text)}) {
    ByteInput input(files.write(content));
    CHECK(input.share(0) == 0);
    std::string bytes;
    double last = 0;
    while (input.read(bytes, {}) == ByteInput::Read::some) {
      const double before = input.share(bytes.size()).value(), half = input.share(bytes.size() / 2).value();
      CHECK(before == last);
      CHECK(half > before);
      last = input.share(0).value();
      CHECK(last > half);
      CHECK(last <= 1);
    }
    CHECK(input.share(0) == 1);
  }
  // What says nothing of its size.
  CHECK_FALSE(ByteInput(files.write("")).share(0));
  CHECK_FALSE(ByteInput("/dev/null").share(0));
}

TEST_CASE("while nothing comes from a pipe, a request to stop ends the wait") {
  Files files;
  const auto path = files.pipe();
  ByteInput input(path);
  std::stop_source stop;
  std::string bytes;
  // Before anybody has opened the other end, and while its owner is silent.
  {
    std::jthread stopper([&] { stop.request_stop(); });
    CHECK(input.read(bytes, stop.get_token()) == ByteInput::Read::stopped);
  }
  const int end = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(end >= 0);
  REQUIRE(::write(end, "abc", 3) == 3);
  CHECK(input.read(bytes, {}) == ByteInput::Read::some);
  CHECK(bytes == "abc");
  CHECK_FALSE(input.share(0));
  std::stop_source again;
  {
    std::jthread stopper([&] { again.request_stop(); });
    CHECK(input.read(bytes, again.get_token()) == ByteInput::Read::stopped);
  }
  CHECK(bytes.empty());
  REQUIRE(::write(end, "d", 1) == 1);
  ::close(end);
  CHECK(allOf(input) == "d");
}

TEST_CASE("a packed text is known by its mark also where it comes byte by byte") {
  Files files;
  const auto path = files.pipe();
  ByteInput input(path);
  const int end = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(end >= 0);
  const std::string text = numbers(30);
  std::jthread writer([&] {
    for (const char byte : gzipped(text)) {
      if (::write(end, &byte, 1) != 1) break;
    }
    ::close(end);
  });
  CHECK(allOf(input) == text);
}
