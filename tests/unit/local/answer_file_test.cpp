#include "local/answer_file.hpp"

#include <filesystem>

#include "local/store_file.hpp"
#include "support/answer_desk.hpp"
#include "support/catch.hpp"
#include "support/file_bytes.hpp"
#include "support/request_error.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::local;
using namespace qbatch::test;

namespace {

constexpr AnswerLimits limits{1000, 0};
const PointId request = hashOf("request");

template <typename Changes>
void change(AnswerFile& file, const Changes& changes) {
  file.begin();
  changes();
  file.commit();
}

void checkRefused(const std::string& name, const std::string& words) {
  const std::string before = bytesOf(name);
  const Error error = requestError([&] {
    AnswerFile file(name, limits);
    static_cast<void>(file.find("needle", 0));
  });
  CAPTURE(error.message());
  CHECK(error.code() == make_error_code(Errc::storageBroken));
  CHECK(error.message().find(words) != std::string::npos);
  CHECK(error.message().find("the answer file `" + name) != std::string::npos);
  CHECK(bytesOf(name) == before);
}

}  // namespace

TEST_CASE("answers are found again byte for byte, in the same file and in a reopened one") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "answers.db").string();
  const std::string key("k\0\xff", 3), answer("a\0b\xfe\n", 5);
  {
    AnswerFile file(name, limits);
    CHECK_FALSE(file.find(key, 0));
    change(file, [&] {
      file.putAnswer(key, request, answer, 0);
      file.putAnswer("empty", request, "", 0);
      file.putBegun("begun", request, 0);
      file.putBegun("answered", request, 0);
      file.putAnswer("answered", hashOf("later"), "x", 0);
      file.putAnswer("erased", request, "x", 0);
      file.erase("erased");
      file.erase("never there");
    });
    change(file, [&] { file.putAnswer(std::string(255, 'k'), request, "long", 0); });
  }
  AnswerFile file(name, limits);
  CHECK(file.find(key, 0)->answer == answer);
  CHECK(file.find(key, 0)->request == request);
  CHECK(file.find("empty", 0)->answer == "");
  CHECK_FALSE(file.find("begun", 0)->answer);
  CHECK(file.find("answered", 0)->request == hashOf("later"));
  CHECK_FALSE(file.find("erased", 0));
  CHECK(file.find(std::string(255, 'k'), 0)->answer == "long");
  CHECK(file.bytes() == 3 + 5 + 5 + 5 + 8 + 1 + 255 + 4);
}

TEST_CASE("what was taken back leaves no trace") {
  AnswerFile file(":memory:", limits);
  change(file, [&] { file.putAnswer("a", request, "1", 0); });
  file.begin();
  file.erase("a");
  file.putAnswer("b", request, "12345", 0);
  file.rollback();
  CHECK(file.find("a", 0));
  CHECK_FALSE(file.find("b", 0));
  CHECK(file.bytes() == 2);
  file.rollback();  // nothing to take back
}

TEST_CASE("what is over is not found, and is removed in portions, but for what this process began") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "answers.db").string();
  {
    AnswerFile file(name, limits);
    change(file, [&] {
      for (int i = 0; i < 10; ++i) file.putAnswer("a" + std::to_string(i), request, "x", i);
      file.putBegun("former", request, 4);
    });
    CHECK(file.find("a5", 1004));
    CHECK_FALSE(file.find("a4", 1004));
    change(file, [&] { file.expire(5000, 3); });
    CHECK(file.bytes() == 7 * 3 + 6);
    CHECK(file.find("a3", 5));
    CHECK_FALSE(file.find("a2", 5));
    change(file, [&] { file.expire(1005, 100); });
    CHECK(file.bytes() == 4 * 3 + 6);  // a6 to a9, and the one that was begun here
    CHECK(file.find("a6", 6));
  }
  AnswerFile file(name, limits);
  change(file, [&] { file.putBegun("own", request, 5); });
  CHECK_FALSE(file.find("former", 500)->answer);
  CHECK_FALSE(file.find("former", 1004));
  change(file, [&] { file.expire(9999, 100); });
  CHECK(file.bytes() == 3);
  CHECK(file.find("own", 500));
}

TEST_CASE("beyond the limit of bytes the oldest answers go, but neither the newest nor what was begun") {
  AnswerFile file(":memory:", {1000, 20});
  change(file, [&] {
    file.putBegun("b", request, 0);
    for (const char* key : {"1", "2", "3"}) file.putAnswer(key, request, "12345", 0);
  });
  CHECK(file.bytes() == 19);
  change(file, [&] { file.putAnswer("1", request, "12345", 0); });  // the newest now
  change(file, [&] { file.putAnswer("4", request, "12345678", 0); });
  CHECK_FALSE(file.find("2", 0));
  CHECK_FALSE(file.find("3", 0));
  CHECK(file.find("1", 0));
  CHECK(file.find("4", 0));
  change(file, [&] { file.putAnswer("5", request, std::string(100, 'x'), 0); });
  CHECK(file.find("5", 0));
  CHECK(file.find("b", 0));
  CHECK(file.bytes() == 102);
}

TEST_CASE("answers that come and go do not make the file grow") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "answers.db").string();
  {
    AnswerFile file(name, {1000, 100'000});
    for (int i = 0; i < 300; ++i) change(file, [&] { file.putAnswer("key " + std::to_string(i), request, std::string(5000, 'x'), 0); });
    CHECK(file.bytes() <= 100'000);
  }
  CHECK(std::filesystem::file_size(name) < 400'000);
}

TEST_CASE("a file of answers has one owner, and the second is told who") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "answers.db").string();
  const AnswerFile file(name, limits);
  const Error error = requestError([&] { const AnswerFile second(name, limits); });
  CHECK(error.code() == make_error_code(Errc::inUse));
  CHECK(error.message().find("pid " + std::to_string(getpid())) != std::string::npos);
  CHECK(error.message().find("share one AnswerStore") != std::string::npos);
}

TEST_CASE("what is no file of answers is refused untouched") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "a").string();
  SECTION("garbage") {
    setBytes(name, std::string(5000, 'x'));
    checkRefused(name, "not a file of answers of qbatch");
    CHECK_FALSE(std::filesystem::exists(name + "-owner"));
  }
  SECTION("another program's database") {
    { Database(name).execute("CREATE TABLE notes(text TEXT); INSERT INTO notes VALUES('mine')"); }
    checkRefused(name, "another program");
    CHECK_FALSE(std::filesystem::exists(name + "-owner"));
  }
  SECTION("a store of patterns") {
    { const StoreFile store(name); }
    checkRefused(name, "another program, not a file of answers");
  }
  SECTION("a newer format") {
    { const AnswerFile file(name, limits); }
    { Database(name).execute("PRAGMA user_version=2"); }
    checkRefused(name, "newer version");
  }
  SECTION("other tables") {
    { const AnswerFile file(name, limits); }
    { Database(name).execute("CREATE TABLE notes(text TEXT)"); }
    checkRefused(name, "beside the tables");
  }
}

TEST_CASE("a damaged file of answers is refused untouched") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "a").string();
  {
    AnswerFile file(name, limits);
    change(file, [&] {
      file.putAnswer("needle", request, "the answer", 0);
      for (int i = 0; i < 200; ++i) file.putAnswer("key " + std::to_string(i), request, std::string(300, 'x'), 0);
    });
  }
  std::string bytes = bytesOf(name);
  SECTION("an answer's bytes") {
    const auto at = bytes.find("the answer");
    REQUIRE(at != std::string::npos);
    bytes[at] = 'T';
  }
  SECTION("a key in the index alone") {
    const auto table = bytes.find("needle");
    auto index = bytes.find("needle", table + 1);
    REQUIRE(index != std::string::npos);
    if (bytes.compare(table + 6, 1, std::string(1, '\0')) != 0 && table > index) index = table;
    bytes[index] = 'N';
  }
  SECTION("its end") { bytes.resize(bytes.size() - 4096); }
  setBytes(name, bytes);
  checkRefused(name, "damaged");
}

TEST_CASE("an answer that is gone is damage, not a request that was begun") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "a").string();
  {
    AnswerFile file(name, limits);
    change(file, [&] { file.putAnswer("needle", request, "", 0); });
  }
  { Database(name).execute("UPDATE answers SET answer=NULL"); }
  checkRefused(name, "damaged");
}
