#include "stream/letter_line.hpp"

#include <string>
#include <vector>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/mutation.hpp"
#include "support/seed.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using qbatch::stream::readLetter;
using qbatch::test::contains;

namespace {

Pattern read(std::string line, std::string_view embedder = "hashing") {
  codec::JsonLines json;
  return readLetter(json, line, embedder);
}

std::string letter(const std::string& members) {
  return R"({"index":12,"line":13,"outcome":"rejected","error":"says \"no\"","attempts":1,"hash":"00f1",)" + members + "}";
}

const std::string full = R"({"description":"d","code":"c","language":"l","metadata":{"k":1},"id":7,"vector":[1,2]})";

}  // namespace

TEST_CASE("a letter's pattern is read with all that it has") {
  const auto pattern = read(letter("\"pattern\":" + full));
  CHECK(pattern.description == "d");
  CHECK(pattern.code == "c");
  CHECK(pattern.language == "l");
  CHECK(pattern.metadata.json() == R"({"k":1})");
  CHECK(pattern.id == PointId(7));
  CHECK(pattern.vector == std::vector<float>{1, 2});
}

TEST_CASE("a vector that another embedder computed is left out") {
  CHECK(read(letter("\"pattern\":" + full + R"(,"embedder":"hashing")")).vector.size() == 2);
  CHECK(read(letter(R"("embedder":"hashing","pattern":)" + full)).vector.size() == 2);
  const auto other = read(letter("\"pattern\":" + full + R"(,"embedder":"other")"));
  CHECK(other.vector.empty());
  CHECK(other.description == "d");
  CHECK(read(letter(R"("embedder":"other","pattern":)" + full)).vector.empty());
  CHECK(read(letter(R"("embedder":"","pattern":)" + full)).vector.empty());
  CHECK(read(letter("\"pattern\":" + full + R"(,"embedder":null)")).vector.size() == 2);
  CHECK(read(letter("\"pattern\":" + full), "").vector.size() == 2);
}

TEST_CASE("what stood instead of a pattern is read once more, as it may have been mended") {
  CHECK(read(letter(R"("pattern":null,"text":"{\"description\":\"mended\",\"vector\":[1]}")")).description == "mended");
  // The vector of such a line was given, not computed.
  CHECK(read(letter(R"("text":"{\"vector\":[1]}","embedder":"other")")).vector.size() == 1);
  CHECK_THROWS_WITH(read(letter(R"("pattern":null,"text":"{\"descripton\":1}")")), contains("unknown member \"descripton\""));
  CHECK_THROWS_WITH(read(letter(R"("pattern":null,"text":"no JSON")")), contains("JSON"));
  codec::JsonLines json;
  std::string line = letter(R"("pattern":null,"text":"no JSON")");
  CHECK_THROWS_AS(readLetter(json, line, "hashing"), codec::LineError);
  CHECK(line == "no JSON");
  // A letter about a letter.
  CHECK(read(letter(R"("pattern":null,"text":"{\"index\":1,\"text\":\"{\\\"code\\\":\\\"c\\\"}\"}")")).code == "c");
}

TEST_CASE("members that a letter does not have are passed over") {
  CHECK(read(letter(R"("more":{"pattern":[1]},"pattern":{"code":"c"},"less":[])")).code == "c");
}

TEST_CASE("a line that is a pattern by itself is read as one") {
  CHECK(read(full).description == "d");
  CHECK(read(full).vector.size() == 2);
  CHECK(read("{}").description.empty());
}

TEST_CASE("what is neither a letter nor a pattern is refused with what is wrong in it") {
  CHECK_THROWS_WITH(read(letter("\"pattern\":null")), contains("without a pattern and without a text"));
  CHECK_THROWS_WITH(read(R"({"index":3})"), contains("without a pattern and without a text"));
  CHECK_THROWS_WITH(read(letter(R"("pattern":[])")), "\"pattern\" must be an object, and is an array");
  CHECK_THROWS_WITH(read(letter(R"("pattern":{"code":3})")), "\"code\" must be a string, and is a number");
  CHECK_THROWS_WITH(read(letter(R"("pattern":{"cod":3})")), contains("unknown member \"cod\"; a pattern has"));
  CHECK_THROWS_WITH(read(letter(R"("text":3)")), "\"text\" must be a string, and is a number");
  CHECK_THROWS_WITH(read(letter("\"pattern\":" + full).substr(0, 100)), contains("at byte"));
  CHECK_THROWS_WITH(read(R"({"descripton":"d"})"), contains("unknown member \"descripton\"; a pattern has"));
  CHECK_THROWS_WITH(read("[]"), contains("must be a JSON object with description"));
  CHECK_THROWS_WITH(read("text"), contains("JSON"));
  CHECK_THROWS_AS(read(""), codec::LineError);
}

TEST_CASE("whatever becomes of a letter, it is read or refused with a sentence") {
  const auto seed = test::seed();
  CAPTURE(seed);
  test::Random random(seed);
  codec::JsonLines json;
  int accepted = 0, refused = 0;
  for (auto rounds = test::campaignSize(2000); rounds > 0; --rounds) {
    std::string line = test::mutated(letter("\"pattern\":" + full + R"(,"text":"{}")"), random);
    try {
      (void)readLetter(json, line, "hashing");
      ++accepted;
    } catch (const codec::LineError& error) {
      CHECK_FALSE(std::string_view(error.what()).empty());
      ++refused;
    }
  }
  CHECK(accepted > 0);
  CHECK(refused > 0);
}
