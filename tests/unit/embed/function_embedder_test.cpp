#include "embed/function_embedder.hpp"

#include <atomic>
#include <limits>
#include <stdexcept>
#include <thread>

#include "qbatch/error.hpp"
#include "support/catch.hpp"

using namespace qbatch;

namespace {

std::vector<float> lengths(std::string_view text) { return {static_cast<float>(text.size()), 1.0F}; }

struct Embedded {
  std::vector<float> values;
  std::vector<RowFailure> failures;
};

Embedded embedded(Embedder& embedder, const std::vector<std::string_view>& texts, std::size_t dimension, std::stop_token stop = {}) {
  Embedded result;
  result.values.assign(texts.size() * dimension, std::numeric_limits<float>::quiet_NaN());
  result.failures = embedder.embed(texts, EmbedRole::passage, {result.values.data(), texts.size(), dimension}, std::move(stop));
  return result;
}

}  // namespace

TEST_CASE("a function embedder writes what the function returns", "[embed]") {
  const auto embedder = makeFunctionEmbedder(2, lengths);
  const auto result = embedded(*embedder, {"one", "", "three"}, 2);
  CHECK(result.failures.empty());
  CHECK(result.values == std::vector<float>{3, 1, 0, 1, 5, 1});
}

TEST_CASE("a function embedder takes one text a call, from many threads, without an identity", "[embed]") {
  const auto traits = makeFunctionEmbedder(2, lengths)->traits();
  CHECK(traits.dimension == 2);
  CHECK(traits.maxBatch == 1);
  CHECK(traits.concurrent);
  CHECK(traits.identity.empty());
}

TEST_CASE("what the function throws or returns wrongly fails that text alone", "[embed]") {
  const auto embedder = makeFunctionEmbedder(2, [](std::string_view text) -> std::vector<float> {
    if (text == "throws") throw std::runtime_error("no model");
    if (text == "throws a number") throw 7;
    if (text == "short") return {1};
    if (text == "nothing") return {};
    if (text == "nan") return {1, std::numeric_limits<float>::quiet_NaN()};
    if (text == "infinite") return {-std::numeric_limits<float>::infinity(), 1};
    return lengths(text);
  });
  const auto result = embedded(*embedder, {"ok", "throws", "throws a number", "short", "nothing", "nan", "infinite", "also ok"}, 2);
  const std::vector<std::string> reasons{"the embedding function threw: no model",
                                         "the embedding function threw something that is no std::exception",
                                         "the embedding function returned 1 floats; 2 are expected",
                                         "the embedding function returned 0 floats; 2 are expected",
                                         "the embedding function returned nan as value 1; all must be finite",
                                         "the embedding function returned -inf as value 0; all must be finite"};
  REQUIRE(result.failures.size() == reasons.size());
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    CHECK(result.failures[i].row == i + 1);
    CHECK(result.failures[i].reason == reasons[i]);
  }
  CHECK(result.values[0] == 2.0F);
  CHECK(result.values[14] == 7.0F);
}

TEST_CASE("a function embedder stops between texts", "[embed]") {
  std::stop_source source;
  int calls = 0;
  const auto embedder = makeFunctionEmbedder(2, [&](std::string_view text) {
    ++calls;
    source.request_stop();
    return lengths(text);
  });
  const auto result = embedded(*embedder, {"a", "b", "c"}, 2, source.get_token());
  CHECK(calls == 1);
  REQUIRE(result.failures.size() == 2);
  CHECK(result.failures[0].row == 1);
  CHECK(result.failures[1].row == 2);
}

TEST_CASE("a function embedder names all its bad arguments at once", "[embed]") {
  try {
    (void)makeFunctionEmbedder(0, nullptr);
    FAIL("no ConfigError");
  } catch (const ConfigError& error) {
    REQUIRE(error.problems().size() == 2);
    CHECK(error.problems()[0].rfind("dimension: ", 0) == 0);
    CHECK(error.problems()[1].rfind("function: ", 0) == 0);
  }
  CHECK_THROWS_AS(makeFunctionEmbedder(0, lengths), ConfigError);
  CHECK_THROWS_AS(makeFunctionEmbedder(2, nullptr), ConfigError);
}

TEST_CASE("several threads may call one function embedder", "[embed]") {
  std::atomic<int> calls{0};
  const auto embedder = makeFunctionEmbedder(2, [&](std::string_view text) {
    ++calls;
    return lengths(text);
  });
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        if (embedded(*embedder, {"abc", "de"}, 2).values != std::vector<float>{3, 1, 2, 1}) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(calls == 1600);
}
