#include "local/engine.hpp"

#include <atomic>
#include <future>

#include "local/staged_writes.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {

/// Creates a collection, and tells how it ended.
class Creation : public WriteJob {
 public:
  Creation(std::string name, std::function<void()> ended) : name_(std::move(name)), ended_(std::move(ended)) {}
  void carryOut(StagedWrites& staged) override { staged.createCollection(CollectionConfig::parse(name_, "{}")); }
  void committed() override { ended_(); }
  void failed(const Error& error, bool) override { FAIL(error.message()); }

 private:
  std::string name_;
  std::function<void()> ended_;
};

}  // namespace

TEST_CASE("what was committed is seen by readers and is there again") {
  const test::ScratchFolder folder;
  const std::string file = (folder.path() / "a.db").string();
  {
    Engine engine(file);
    const auto before = engine.names();
    std::promise<void> ended;
    engine.write(std::make_unique<Creation>("c", [&] { ended.set_value(); }));
    ended.get_future().wait();
    CHECK(engine.names()->find("c"));
    CHECK_FALSE(before->find("c"));
    CHECK_FALSE(engine.unusable());
  }
  CHECK(Engine(file).names()->find("c"));
}

TEST_CASE("an engine that is destroyed ends every write first, also when one of them destroys it") {
  std::atomic<int> ended{0};
  {
    Engine engine(":memory:");
    for (int i = 0; i < 100; ++i) engine.write(std::make_unique<Creation>("c" + std::to_string(i), [&] { ++ended; }));
  }
  CHECK(ended == 100);

  std::promise<void> last;
  auto engine = std::make_unique<Engine>(":memory:");
  Engine& itself = *engine;
  std::promise<void> pushed;
  itself.write(std::make_unique<Creation>("a", [&] {
    pushed.get_future().wait();
    engine.reset();
  }));
  itself.write(std::make_unique<Creation>("b", [&] { last.set_value(); }));
  pushed.set_value();
  last.get_future().wait();
}
