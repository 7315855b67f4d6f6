#include "stream/dead_letters.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "codec/json_check.hpp"
#include "codec/json_object.hpp"
#include "codec/json_walk.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/file_bytes.hpp"
#include "support/request_error.hpp"
#include "support/scratch_folder.hpp"
#include "support/seed.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;
using stream::DeadLetter;
using stream::DeadLetters;
using stream::toJson;

namespace {

const Pattern reader{"Read \"a\" file", "open(p)\n", "python", Payload::parse(R"({"stars":3,"deep":{"a":[1]}})"), 7, {0.5F, -1.0F, 1e-7F}};

DeadLetter letterOf(const Pattern& pattern, std::size_t index = 41) {
  return {index, index + 1, Outcome::rejected, "the \"code\" is too long", 2, 0xabcdef, &pattern, {}, false, {}};
}

std::string patternOf(const std::string& letter) { return codec::JsonObject::parse(letter).find("pattern")->c_str(); }

}  // namespace

TEST_CASE("a letter says all of an item, and what became of it") {
  CHECK(toJson(letterOf(reader)) ==
        R"({"index":41,"line":42,"outcome":"rejected","error":"the \"code\" is too long","attempts":2,"hash":"0000000000abcdef",)"
        R"("pattern":{"description":"Read \"a\" file","code":"open(p)\n","language":"python","metadata":{"stars":3,"deep":{"a":[1]}},)"
        R"("id":7,"vector":[0.5,-1,1e-7]}})");
}

TEST_CASE("what a pattern does not have is left out, and the embedder is named where it computed the vector") {
  Pattern pattern{"d", "c", "", {}, {}, {}};
  DeadLetter letter = letterOf(pattern);
  CHECK(patternOf(toJson(letter)) == R"({"description":"d","code":"c","language":""})");
  pattern.id = PointId::parse("123e4567-e89b-12d3-a456-426614174000");
  pattern.vector = {1};
  letter.embedder = "hashing-1:1024";
  letter.vectorComputed = true;
  CHECK_THAT(toJson(letter), contains(R"("id":"123e4567-e89b-12d3-a456-426614174000","vector":[1]},"embedder":"hashing-1:1024"})"));
  pattern.id = std::numeric_limits<std::uint64_t>::max();
  CHECK_THAT(toJson(letter), contains(R"("id":18446744073709551615,)"));
}

TEST_CASE("an item that is no pattern is kept as it stood there") {
  DeadLetter letter{0, 1, Outcome::rejected, "no JSON", 0, 1, nullptr, {}, false, "{\"description\": \xFF\t"};
  CHECK(toJson(letter) ==
        R"({"index":0,"line":1,"outcome":"rejected","error":"no JSON","attempts":0,"hash":"0000000000000001","pattern":null,"text":)"
        "\"{\\\"description\\\": \xEF\xBF\xBD\\t\"}");
}

TEST_CASE("numbers that are not finite are kept as words") {
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const Pattern pattern{"d", "c", "l", {}, {}, {nan, 0.25F, infinity, -infinity, -nan, -0.0F}};
  CHECK_THAT(toJson(letterOf(pattern)), contains(R"("vector":["NaN",0.25,"Infinity","-Infinity","NaN",-0.0])"));
}

TEST_CASE("every letter is one line of valid JSON, and its vector reads back bit by bit") {
  const auto seed = test::seed();
  CAPTURE(seed);
  Random random(seed);
  const auto bytes = [&] {
    std::string text;
    for (auto size = random.below(40); size > 0; --size) text += static_cast<char>(random.below(256));
    return text;
  };
  for (std::size_t round = 0; round < campaignSize(500); ++round) {
    Pattern pattern{bytes(), bytes(), bytes(), Payload{{"n", static_cast<double>(random.below(1000)) / 7}}, {}, {}};
    while (pattern.vector.size() < 1 + round % 150) {
      const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random.below(1ULL << 32)));
      if (std::isfinite(value)) pattern.vector.push_back(value);
    }
    const std::string error = bytes(), line = toJson([&] {
                                         DeadLetter letter = letterOf(pattern);
                                         letter.error = error;
                                         return letter;
                                       }());
    REQUIRE(codec::checkJson(line) == line);
    REQUIRE(line.find('\n') == std::string::npos);
    const auto stored = codec::JsonObject::parse(patternOf(line));
    codec::JsonWalk values(*stored.find("vector"));
    for (const float value : pattern.vector) {
      const auto read = static_cast<float>(codec::numberValue(values.next().value().value).value());
      REQUIRE(std::bit_cast<std::uint32_t>(read) == std::bit_cast<std::uint32_t>(value));
    }
    REQUIRE_FALSE(values.next());
  }
}

TEST_CASE("letters are appended, and those of earlier runs are not written again") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "letters").string();
  const std::string first = toJson(letterOf(reader, 1)) + "\n", second = toJson(letterOf(reader, 2)) + "\n";
  {
    DeadLetters letters(file);
    CHECK(letters.write(letterOf(reader, 1)));
    letters.sync();
  }
  {
    DeadLetters letters(file);
    CHECK_FALSE(letters.write(letterOf(reader, 1)));
    CHECK(letters.write(letterOf(reader, 2)));
    DeadLetter changed = letterOf(reader, 1);
    changed.hash = 5;
    CHECK(letters.write(changed));
    CHECK(bytesOf(file) == first + second + toJson(changed) + "\n");
  }
}

TEST_CASE("a letter with metadata as deep as it may be is known again") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "letters").string();
  const std::string deep = "{\"a\":" + std::string(126, '[') + std::string(126, ']') + "}";
  const Pattern pattern{"d", "c", "l", Payload::parse(deep), {}, {}};
  CHECK(DeadLetters(file).write(letterOf(pattern)));
  CHECK_FALSE(DeadLetters(file).write(letterOf(pattern)));
}

TEST_CASE("cut at any byte, a file of letters keeps the whole ones, and the next begins on a line of its own") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "letters").string();
  const std::string first = toJson(letterOf(reader, 1)) + "\n", second = toJson(letterOf(reader, 2)) + "\n";
  const std::string third = toJson(letterOf(reader, 3)) + "\n", whole = first + second;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    CAPTURE(size);
    const std::string cut = whole.substr(0, size);
    setBytes(file, cut);
    {
      DeadLetters letters(file);
      // A letter that lacks but its line end is whole.
      REQUIRE(letters.write(letterOf(reader, 1)) == (size + 1 < first.size()));
      REQUIRE(letters.write(letterOf(reader, 2)) == (size + 1 < whole.size()));
      REQUIRE(letters.write(letterOf(reader, 3)));
    }
    const std::string completed = cut.empty() || cut.ends_with('\n') ? cut : cut + "\n";
    REQUIRE(bytesOf(file) == completed + (size + 1 < first.size() ? first : "") + (size + 1 < whole.size() ? second : "") + third);
    REQUIRE_FALSE(DeadLetters(file).write(letterOf(reader, 3)));
  }
}

TEST_CASE("a file that holds something else is refused and left as it is") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "patterns.ndjson").string();
  for (const std::string bytes : {"{\"description\":\"d\",\"code\":\"c\"}\n", "notes without an end", "{\"indices\":1}\n"}) {
    setBytes(file, bytes);
    const Error error = requestError([&] { const DeadLetters letters(file); });
    CHECK(error.code() == make_error_code(Errc::storageBroken));
    CHECK_THAT(error.message(), contains(file) && contains("name another file"));
    CHECK(bytesOf(file) == bytes);
  }
  for (const std::string& bytes : {std::string(), std::string("\n"), std::string("{\"in"), std::string(20, '\0')}) {
    setBytes(file, bytes);
    CHECK(DeadLetters(file).write(letterOf(reader)));
    CHECK_FALSE(DeadLetters(file).write(letterOf(reader)));
  }
}

TEST_CASE("a file of letters belongs to one import at a time") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "letters").string();
  const DeadLetters letters(file);
  CHECK(requestError([&] { const DeadLetters second(file); }).code() == make_error_code(Errc::inUse));
}
