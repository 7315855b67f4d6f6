#include <fstream>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "qbatch/import.hpp"
#include "qbatch/lines.hpp"
#include "support/catch.hpp"
#include "support/gzipped.hpp"
#include "support/scratch_folder.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using qbatch::test::contains;

namespace {

std::vector<ImportItem> allOf(PatternSource& source) {
  std::vector<ImportItem> items;
  for (ImportItem item; source.next(item, {}); item = {}) items.push_back(item);
  ImportItem item;
  CHECK_FALSE(source.next(item, {}));
  return items;
}

class Folder {
 public:
  [[nodiscard]] std::string write(const std::string& text) const {
    const auto path = (folder_.path() / "in").string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

 private:
  test::ScratchFolder folder_;
};

}  // namespace

TEST_CASE("a generator is asked until it returns none, and not again") {
  int asked = 0;
  const auto source = makePatternSource([&]() -> std::optional<Pattern> {
    ++asked;
    if (asked > 3) return std::nullopt;
    return Pattern{.description = std::to_string(asked)};
  });
  const auto items = allOf(*source);
  REQUIRE(items.size() == 3);
  CHECK(items[2].pattern.description == "3");
  CHECK(items[2].line == 0);
  CHECK(items[2].problem.empty());
  CHECK(asked == 4);
  CHECK_FALSE(source->share());
}

TEST_CASE("a range of patterns is a source, and so is nothing") {
  const std::vector<Pattern> patterns{{.description = "a"}, {.description = "b"}};
  const auto items = allOf(*makePatternSource(patterns.begin(), patterns.end()));
  REQUIRE(items.size() == 2);
  CHECK(items[1].pattern.description == "b");
  CHECK(allOf(*makePatternSource(patterns.end(), patterns.end())).empty());
}

TEST_CASE("what a generator throws comes through, and a missing one is refused") {
  const auto source = makePatternSource([]() -> std::optional<Pattern> { throw std::runtime_error("no more"); });
  ImportItem item;
  CHECK_THROWS_WITH(source->next(item, {}), "no more");
  CHECK_THROWS_AS(makePatternSource(std::function<std::optional<Pattern>()>()), ConfigError);
}

TEST_CASE("each line of a file is an item, and one that is no pattern says why and what stands there") {
  const Folder folder;
  const std::string text = "{\"description\":\"a\",\"vector\":[1,2]}\r\n\nnothing\n{\"cod\":1}\n{\"code\":\"last\"}";
  for (const bool packed : {false, true}) {
    const std::string padding(packed ? 300 : 0, ' ');  // for it to get smaller
    const auto source = makeNdjsonSource(folder.write(packed ? test::gzipped(text + padding) : text));
    CHECK(source->share() == 0);
    const auto items = allOf(*source);
    REQUIRE(items.size() == 4);
    CHECK(items[0].pattern.description == "a");
    CHECK(items[0].pattern.vector == std::vector<float>{1, 2});
    CHECK(items[0].line == 1);
    CHECK(items[0].problem.empty());
    CHECK(items[0].text.empty());
    CHECK_FALSE(items[1].problem.empty());
    CHECK(items[1].text == "nothing");
    CHECK(items[1].line == 3);
    CHECK_THAT(items[2].problem, contains("unknown member \"cod\""));
    CHECK(items[2].text == "{\"cod\":1}");
    CHECK(items[3].pattern.code == "last");
    CHECK(items[3].line == 5);
    CHECK(source->share() == 1);
  }
  CHECK_THROWS_AS(makeNdjsonSource("none.jsonl"), InputError);
  std::stop_source stop;
  stop.request_stop();
  ImportItem item;
  CHECK_FALSE(makeNdjsonSource(folder.write(text))->next(item, stop.get_token()));
}

TEST_CASE("dead letters give their patterns, with the lines of their own file") {
  const Folder folder;
  const auto path = folder.write(
      "{\"index\":8,\"line\":9,\"outcome\":\"failed\",\"pattern\":{\"code\":\"a\",\"vector\":[1]},\"embedder\":\"own\"}\n"
      "{\"index\":5,\"line\":6,\"outcome\":\"rejected\",\"pattern\":{\"code\":\"b\",\"vector\":[1]},\"embedder\":\"other\"}\n"
      "{\"index\":6,\"outcome\":\"rejected\",\"pattern\":null,\"text\":\"{\\\"code\\\":\\\"c\\\"}\"}\n"
      "{\"index\":7,\"outcome\":\"rejected\",\"pattern\":null,\"text\":\"still wrong\"}\n"
      "{\"code\":\"d\"}\n");
  const auto items = allOf(*makeDeadLetterSource(path, "own"));
  REQUIRE(items.size() == 5);
  for (std::size_t i = 0; i < items.size(); ++i) CHECK(items[i].line == i + 1);
  CHECK(items[0].pattern.vector.size() == 1);
  CHECK(items[1].pattern.code == "b");
  CHECK(items[1].pattern.vector.empty());
  CHECK(items[2].pattern.code == "c");
  CHECK_FALSE(items[3].problem.empty());
  CHECK(items[3].text == "still wrong");
  CHECK(items[4].pattern.code == "d");
  CHECK_THROWS_AS(makeDeadLetterSource("none.jsonl", "own"), InputError);
}
