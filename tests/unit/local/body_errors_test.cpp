#include "local/body_errors.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

TEST_CASE("what stands where something else should is named as the server does") {
  simdjson::dom::parser parser;
  const std::pair<const char*, const char*> cases[] = {{"5", "integer `5`"},
                                                       {"-5", "integer `-5`"},
                                                       {"18446744073709551615", "integer `18446744073709551615`"},
                                                       {"1.5", "floating point `1.5`"},
                                                       {"true", "boolean `true`"},
                                                       {"null", "null"},
                                                       {R"("a\"b")", R"(string "a\"b")"},
                                                       {"[1]", "sequence"},
                                                       {R"({"a":1})", "map"}};
  for (const auto& [json, words] : cases) CHECK(unexpected(parser.parse(std::string(json))) == words);
}

TEST_CASE("refusals carry a sentence for people, the server's words and its status") {
  const Error format = formatRefusal("the key is no path", "Invalid json path: 'a b'").error();
  CHECK(format.message() == "the key is no path");
  CHECK(format.serverMessage() == "Format error in JSON body: Invalid json path: 'a b'");
  CHECK(format.httpStatus() == 400);
  CHECK(format.code() == make_error_code(Errc::refused));
  const Error invalid = validationRefusal("the limit is 0", "limit: value 0 invalid").error();
  CHECK(invalid.serverMessage() == "Validation error in JSON body: [limit: value 0 invalid]");
  CHECK(invalid.httpStatus() == 422);
  const Error input = inputRefusal("no index", "No range index").error();
  CHECK(input.serverMessage() == "Wrong input: No range index");
  CHECK(input.httpStatus() == 400);
  const Error unsupported = unsupportedRefusal("`geo_radius` in filters").error();
  CHECK(unsupported.code() == make_error_code(Errc::unsupported));
  CHECK(unsupported.httpStatus() == 400);
  CHECK(unsupported.message() == "the embedded engine does not support `geo_radius` in filters: leave it out, or use a Qdrant server");
  CHECK(unsupported.serverMessage() == "Wrong input: " + unsupported.message());
}
