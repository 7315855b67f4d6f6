#include "local/request_checks.hpp"

#include <limits>

#include "local/refusal.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {
template <class Action>
std::string refusalOf(const Action& action) {
  try {
    action();
  } catch (const Refusal& refusal) {
    return refusal.verdict().error.message();
  }
  return {};
}
bool says(const std::string& message, const std::string& words) { return message.find(words) != std::string::npos; }

const VectorLayout layout{{{"code", 2, Distance::cosine}}, {}};
}  // namespace

TEST_CASE("names") {
  const auto nameRefusal = [](std::string_view name) { return refusalOf([&] { checkName(name, "alias"); }); };
  CHECK(nameRefusal("größe 1.0-b_c").empty());
  CHECK(nameRefusal(std::string(255, 'n')).empty());
  CHECK(says(nameRefusal(""), "empty"));
  CHECK(says(nameRefusal(std::string(256, 'n')), "256 bytes"));
  CHECK(says(nameRefusal("a/b"), "`/`"));
  CHECK(says(nameRefusal("a\x7f"), "control character"));
  CHECK(says(nameRefusal("a\xc3"), "UTF-8"));
}

TEST_CASE("new collections") {
  CollectionInfo info;
  info.name = "c";
  info.dimension = 1;
  CHECK(refusalOf([&] { checkNewCollection(info); }).empty());
  info.vectorName = "a/b";
  CHECK(says(refusalOf([&] { checkNewCollection(info); }), "vector's name"));
  info.vectorName = "";
  info.embedder = "\xff";
  CHECK(says(refusalOf([&] { checkNewCollection(info); }), "embedder"));
  info.embedder = "";
  info.dimension = 65537;
  CHECK(says(refusalOf([&] { checkNewCollection(info); }), "65537"));
}

TEST_CASE("vectors") {
  const auto vectorRefusal = [](std::vector<float> vector) { return refusalOf([&] { checkVector(layout.dense[0], vector); }); };
  CHECK(vectorRefusal({1, std::numeric_limits<float>::max()}).empty());
  CHECK(says(vectorRefusal({1}), "expected dim: 2, got 1"));
  CHECK(says(vectorRefusal({1, std::numeric_limits<float>::quiet_NaN()}), "finite"));
  CHECK(says(vectorRefusal({-std::numeric_limits<float>::infinity(), 1}), "finite"));
  CHECK(checkedColumn(layout, "code") == 0);
  CHECK(says(refusalOf([] { static_cast<void>(checkedColumn(layout, "")); }), "Not existing vector name"));
}

TEST_CASE("payloads are kept compact, with each name once") {
  CHECK(checkedPayload("") == "{}");
  CHECK(checkedPayload(R"( { "a" : 1 , "a" : 2 } )") == R"({"a":2})");
  CHECK(says(refusalOf([] { static_cast<void>(checkedPayload("{")); }), "JSON object"));
  CHECK(says(refusalOf([] { static_cast<void>(checkedPayload("[]")); }), "array"));
}
