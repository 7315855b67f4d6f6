#include "codec/decode_answers.hpp"

#include <functional>
#include <string>
#include <vector>

#include "codec/json_object.hpp"
#include "codec/utf8.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/mutation.hpp"
#include "support/seed.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::codec;
using qbatch::test::contains;

namespace {

void checkPayloads(const std::vector<StoredPoint>& points) {
  for (const auto& point : points)
    if (!point.payload.empty()) (void)JsonObject::parse(point.payload);
}

using Decoder = std::function<void(std::string&)>;

const std::vector<Decoder> decoders = {
    [](std::string& body) { (void)decodeWrite(body); },
    [](std::string& body) { (void)decodeBatchWrite(body); },
    [](std::string& body) { (void)decodeBool(body); },
    [](std::string& body) { (void)decodeCount(body); },
    [](std::string& body) { checkPayloads(decodePoints(body, "")); },
    [](std::string& body) {
      for (const auto& list : decodeQueryBatch(body, "code")) checkPayloads(list);
    },
    [](std::string& body) { checkPayloads(decodeScroll(body, "code").points); },
    [](std::string& body) { (void)decodeCollection(body); },
    [](std::string& body) { (void)decodeCollectionNames(body); },
    [](std::string& body) { (void)decodeAliases(body); },
    [](std::string& body) { (void)decodeVersion(body); },
};

/// A valid answer for each of `decoders`, all shaped as a Qdrant 1.18.3 server writes them.
const std::vector<std::string> answers = {
    R"({"result":{"operation_id":1,"status":"completed"},"status":"ok","time":0.0012})",
    R"({"result":[{"operation_id":2,"status":"completed"},{"operation_id":3,"status":"acknowledged"}],"status":"ok","time":0.0012})",
    R"({"result":true,"status":"ok","time":0.31})",
    R"({"result":{"count":7},"status":"ok","time":0.0001,"usage":{"hardware":{"cpu":1,"vector_io_read":0},"inference":null}})",
    R"({"result":[{"id":0,"payload":{"description":"pattern \"0\"","tags":[],"n":{"d":-1.5e3,"k":[{"k":1}]},"on":true},"vector":[-0.72774696,0.6034975]},)"
    R"({"id":"00000000-0000-4000-8000-000000000001","payload":{},"vector":[0.0,null],"shard_key":"a"},{"id":101,"payload":null}],"status":"ok","time":2e-05})",
    R"({"result":[{"points":[{"id":3,"version":1,"score":0.61545146,"payload":{"a":"\u00fc"},"vector":{"code":[0.5],"w":{"indices":[1],"values":[2.0]}}}]},)"
    R"({"points":[]}],"status":"ok","time":0.001})",
    R"({"result":{"points":[{"id":1,"payload":{"x":[1,2]},"vector":{"code":[0.6,0.8],"dense":[1.0]}}],"next_page_offset":18446744073709551615},"status":"ok"})",
    R"({"result":{"status":"green","points_count":12,"segments_count":2,"config":{"params":{"vectors":{"code":{"size":2,"distance":"Cosine",)"
    R"("multivector_config":null},"b":{"size":3,"distance":"Dot"}},"replication_factor":1,"sharding_method":"auto"},"strict_mode_config":{"enabled":true,)"
    R"("upsert_max_batchsize":9},"metadata":{"qbatch_embedder":"hashing"}},"payload_schema":{}},"status":"ok","time":0.1})",
    R"({"result":{"collections":[{"name":"c1"},{"name":"c2"}]},"status":"ok","time":1e-05})",
    R"({"result":{"aliases":[{"alias_name":"prod","collection_name":"a2"}]},"status":"ok","time":1.1})",
    R"({"title":"qdrant - vector search engine","version":"1.18.3","commit":"0123456789abcdef"})",
};

/// True where it decodes; throws whatever is no DecodeError. The bytes must stay.
bool decodes(const Decoder& decoder, std::string body) {
  const std::string before = body;
  bool good = true;
  try {
    decoder(body);
  } catch (const DecodeError& error) {
    good = false;
    if (findInvalidUtf8(error.what())) FAIL("an error's sentence is no UTF-8");
  }
  if (body != before) FAIL("a decoder has changed the answer's bytes");
  return good;
}

template <class Decode>
auto decoded(Decode decode, std::string body) {
  return decode(body);
}

std::string sentence(std::string body) { return errorSentence(body); }

}  // namespace

TEST_CASE("how far a write has come") {
  const auto status = [](const std::string& word) { return decoded(decodeWrite, R"({"result":{"status":)" + word + "}}"); };
  CHECK(decoded(decodeWrite, answers[0]) == WriteStatus::completed);
  CHECK(status("\"acknowledged\"") == WriteStatus::acknowledged);
  CHECK(status("\"wait_timeout\"") == WriteStatus::waitTimeout);
  CHECK(status("\"something new\"") == WriteStatus::acknowledged);
  CHECK_THROWS_WITH(status("7"), contains("`result.status` is not a string"));
  CHECK_THROWS_WITH(status("null"), contains("`result.status` is not a string"));
  CHECK_THROWS_WITH(decoded(decodeWrite, R"({"result":{"operation_id":1}})"), contains("`result.status` is missing"));
  CHECK_THROWS_WITH(decoded(decodeWrite, R"({"status":{"error":"no"}})"), contains("`result` is missing"));
}

TEST_CASE("the least of several writes counts") {
  const auto least = [](const std::string& list) { return decoded(decodeBatchWrite, "{\"result\":[" + list + "]}"); };
  CHECK(least("") == WriteStatus::completed);
  CHECK(least(R"({"status":"completed"},{"status":"completed"})") == WriteStatus::completed);
  CHECK(least(R"({"status":"completed"},{"status":"acknowledged"},{"status":"completed"})") == WriteStatus::acknowledged);
  CHECK(least(R"({"status":"wait_timeout"},{"status":"acknowledged"})") == WriteStatus::waitTimeout);
  CHECK_THROWS_AS(least("{}"), DecodeError);
  CHECK_THROWS_AS(decoded(decodeBatchWrite, answers[0]), DecodeError);
}

TEST_CASE("true, false and counts") {
  CHECK(decoded(decodeBool, answers[2]));
  CHECK_FALSE(decoded(decodeBool, R"({"result":false})"));
  CHECK_THROWS_AS(decoded(decodeBool, R"({"result":1})"), DecodeError);
  CHECK(decoded(decodeCount, answers[3]) == 7);
  CHECK_THROWS_AS(decoded(decodeCount, R"({"result":{"count":-1}})"), DecodeError);
  CHECK_THROWS_WITH(decoded(decodeCount, R"({"result":{}})"), contains("`result.count` is missing"));
}

TEST_CASE("the server's version") {
  const auto version = decoded(decodeVersion, answers[10]);
  CHECK(version.major == 1);
  CHECK(version.minor == 18);
  CHECK(version.patch == 3);
  CHECK(version.text == "1.18.3");
  CHECK(version.atLeast(1, 18));
  CHECK(version.atLeast(0, 99));
  CHECK_FALSE(version.atLeast(1, 19));
  CHECK_FALSE(version.atLeast(2, 0));
  const auto text = [](const std::string& number) { return decoded(decodeVersion, R"({"version":")" + number + R"(","title":"Qdrant"})"); };
  CHECK(text("1.9.0-dev").minor == 9);
  for (const char* bad : {"", "1", "1.2", "1.2.", "v1.2.3", "1.2.x", "-1.2.3", "1.2.3x", "99999999999.1.1"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(text(bad), DecodeError);
  }
  CHECK_THROWS_WITH(decoded(decodeVersion, R"({"version":"1.2.3","title":"elasticsearch"})"), contains("check the URL"));
  CHECK_THROWS_AS(decoded(decodeVersion, R"({"version":"1.2.3"})"), DecodeError);
  CHECK_THROWS_AS(decoded(decodeVersion, R"({"title":"qdrant"})"), DecodeError);
}

TEST_CASE("the sentence of an error's body") {
  CHECK(sentence(R"({"status":{"error":"Not found: Collection `none` doesn't exist!"},"time":1e-05})") ==
        "Not found: Collection `none` doesn't exist!");
  CHECK(sentence("Must provide an API key or an Authorization bearer token\n") ==
        "Must provide an API key or an Authorization bearer token");
  CHECK(sentence("<html><body>502 Bad Gateway</body></html>").empty());
  CHECK(sentence(" \n<!DOCTYPE html>").empty());
  for (const char* none : {"", " \r\n", "{", R"({"status":"ok"})", R"({"status":{"error":7}})", R"({"status":{"error":"cut short)", "[1]",
                           "bad \xFF byte", "\x01\x02"}) {
    CAPTURE(none);
    CHECK(sentence(none).empty());
  }
}

TEST_CASE("a long sentence is cut between characters") {
  const auto error = [](const std::string& text) { return sentence(R"({"status":{"error":")" + text + "\"}}"); };
  CHECK(error(std::string(1000, 'x')).size() == 1000);
  CHECK(error(std::string(5000, 'x')).size() == 1000);
  for (const std::string_view sign : {"ü", "€", "🌍"}) {
    for (std::size_t before = 990; before <= 1000; ++before) {
      const std::string cut =
          error(std::string(before, 'x') + std::string(sign) + std::string(sign) + std::string(sign) + std::string(40, 'y'));
      CAPTURE(sign, before, cut.size());
      CHECK(cut.size() <= 1000);
      CHECK(cut.size() > 996);
      CHECK_FALSE(findInvalidUtf8(cut));
    }
  }
  CHECK(sentence(std::string(1000, 'x')).size() == 1000);
  CHECK(sentence(std::string(1001, 'x')).empty());
}

TEST_CASE("every answer decodes, in other orders too, and no beginning of it does") {
  REQUIRE(answers.size() == decoders.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CAPTURE(i, answers[i]);
    CHECK(decodes(decoders[i], answers[i]));
    CHECK(decodes(decoders[i], " " + answers[i] + "\r\n"));
    CHECK(decodes(decoders[i], "{\"new\":[{\"x\":{}}]," + answers[i].substr(1)));
    CHECK_FALSE(decodes(decoders[i], answers[i] + "}"));
    CHECK_FALSE(decodes(decoders[i], answers[i] + "x"));
    for (std::size_t length = 0; length < answers[i].size(); ++length) {
      CAPTURE(length);
      if (decodes(decoders[i], answers[i].substr(0, length))) FAIL_CHECK("a beginning passes for the whole");
    }
  }
}

TEST_CASE("mutated answers decode or throw DecodeError, in every decoder") {
  const std::uint64_t seed = qbatch::test::seed();
  CAPTURE(seed);
  qbatch::test::Random random(seed);
  std::size_t good = 0, bad = 0;
  for (auto round = qbatch::test::campaignSize(10'000); round > 0; --round) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const std::string text = qbatch::test::mutated(answers[i], random);
      CAPTURE(text);
      // Its own decoder, and now and then all the others.
      const bool everywhere = random.chance(10);
      for (std::size_t j = 0; j < decoders.size(); ++j)
        if (j == i || everywhere) ++(decodes(decoders[j], text) ? good : bad);
      (void)sentence(text);
    }
  }
  CHECK(good > 0);
  CHECK(bad > good);
}

TEST_CASE("rubbish is refused in bounded time") {
  const auto rubbish = [](std::size_t size) {
    std::string slices;
    while (slices.size() < size) slices += R"({"result":[{"id":1,)";
    std::string noise(size, '\0');
    qbatch::test::Random random(7);
    for (char& byte : noise) byte = static_cast<char>(random.below(256));
    return std::vector<std::string>{std::string(size, '['),
                                    "{\"result\":" + std::string(size, '[') + "}",
                                    "{\"result\":[" + std::string(size, ',') + "]}",
                                    "{\"result\":\"" + std::string(size, '\\') + "\"}",
                                    slices + "}",
                                    noise};
  };
  for (const auto& text : rubbish(500'000)) {
    for (const auto& decoder : decoders) CHECK_FALSE(decodes(decoder, text));
    CHECK(sentence(text).empty());
  }
  for (const auto& text : rubbish(20'000'000)) {
    CHECK_FALSE(decodes(decoders[4], text));
    CHECK(sentence(text).empty());
  }
}
