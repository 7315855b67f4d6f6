#include "run/import_embedding.hpp"

#include <fstream>
#include <latch>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::test;
using run::ImportEmbedding;
using run::ImportWindow;

namespace {

struct Rig {
  explicit Rig(std::string folder = {}) : folder_(std::move(folder)) {
    fixture.options.threads = 2;
    core = ClientCore::make(fixture.options, {});
    open();
  }
  void open() {
    embedding.reset();
    auto spool = folder_.empty() ? nullptr : std::make_unique<stream::Spool>(folder_, "fake", 4);
    embedding = std::make_shared<ImportEmbedding>(*core, 4, std::move(spool), stop.get_token(),
                                                  ImportEmbedding::Calls{[] {}, [this](const Error& error) { broken = error; }});
  }
  void embed(const std::shared_ptr<ImportWindow>& window) {
    std::latch done(1);
    embedding->submit(window, [&] { done.count_down(); });
    done.wait();
  }

  std::string folder_;
  ClientFixture fixture;
  std::shared_ptr<ClientCore> core;
  std::stop_source stop;
  Error broken;
  std::shared_ptr<ImportEmbedding> embedding;
};

std::shared_ptr<ImportWindow> windowOf(const std::vector<std::string>& texts) {
  auto window = std::make_shared<ImportWindow>();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ImportItem item;
    item.pattern.description = texts[i];
    item.pattern.id = PointId(i);
    window->add(std::move(item), i, 0);
  }
  return window;
}

std::vector<std::vector<float>> vectorsOf(const ImportWindow& window) {
  std::vector<std::vector<float>> all;
  for (const auto& pattern : window.patterns) all.push_back(pattern.vector);
  return all;
}

}  // namespace

TEST_CASE("each pattern without a vector gets one, equal texts from one embedding") {
  Rig rig;
  const auto window = windowOf({"a", "bb", "a", "ccc", "bb"});
  window->patterns[3].vector = {9, 9, 9, 9};
  rig.embed(window);
  CHECK(rig.fixture.embedder->texts == 2);
  CHECK(vectorsOf(*window) == std::vector<std::vector<float>>{{1, 1, 0, 0}, {2, 1, 0, 0}, {1, 1, 0, 0}, {9, 9, 9, 9}, {2, 1, 0, 0}});
  CHECK(window->computed == std::vector<bool>{true, true, true, false, true});
  CHECK(window->ended.empty());
}

TEST_CASE("what cannot be embedded ends as failed, in every place where the text stands; what would be rejected is not embedded") {
  Rig rig;
  rig.fixture.embedder->each = [](std::span<const std::string_view> texts, MatrixView, std::stop_token) {
    std::vector<RowFailure> failures;
    for (std::size_t row = 0; row < texts.size(); ++row)
      if (texts[row] == "bad") failures.push_back({row, "no such word"});
    return failures;
  };
  const auto window = windowOf({"bad", "good", "bad", "also"});
  window->patterns[3].metadata = Payload{{"code", "not here"}};
  rig.embed(window);
  REQUIRE(window->ended.size() == 2);
  CHECK(window->ended[0].index == 0);
  CHECK(window->ended[1].index == 2);
  CHECK(window->ended[1].outcome == Outcome::failed);
  CHECK(window->ended[1].error.message() == "Embedding generation failed: no such word");
  CHECK(window->patterns[3].vector.empty());
  CHECK(rig.fixture.embedder->texts == 2);
}

TEST_CASE("what was spooled is taken from there, by the next run as well") {
  const ScratchFolder folder;
  Rig rig((folder.path() / "spool").string());
  const auto first = windowOf({"a", "bb"});
  rig.embed(first);
  CHECK(first->spooled().size() >= 1);
  rig.open();
  const auto again = windowOf({"bb", "ccc"});
  rig.embed(again);
  CHECK(rig.fixture.embedder->texts == 3);
  CHECK(again->patterns[0].vector == std::vector<float>{2, 1, 0, 0});
  CHECK(again->computed == std::vector<bool>{true, true});
}

TEST_CASE("where spooling fails that is told once, and the vectors go on") {
  const ScratchFolder folder;
  const auto path = (folder.path() / "spool").string();
  std::ofstream(path) << "a file where the folder should be";
  CHECK_THROWS_AS(Rig(path), RequestError);
}

TEST_CASE("after a stop nothing is embedded, and nothing is called a failure") {
  Rig rig;
  std::latch inside(1);
  rig.fixture.embedder->each = [&](std::span<const std::string_view> texts, MatrixView, std::stop_token stop) {
    inside.count_down();
    std::vector<RowFailure> failures;
    while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    for (std::size_t row = 0; row < texts.size(); ++row) failures.push_back({row, "stopped"});
    return failures;
  };
  rig.fixture.embedder->traits_.concurrent = false;
  const auto window = windowOf({"a"});
  std::latch done(1);
  rig.embedding->submit(window, [&] { done.count_down(); });
  inside.wait();
  rig.stop.request_stop();
  rig.embedding->stop();
  done.wait();
  CHECK(window->ended.empty());
  CHECK(window->patterns[0].vector.empty());
}
