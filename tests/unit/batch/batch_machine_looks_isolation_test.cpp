#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "batch/batch_machine.hpp"
#include "support/machine_rig.hpp"

// The batch machine looking for the item at fault where refused requests are applied in part, and reading back what came of them.

using namespace qbatch;
using namespace qbatch::batch;
using namespace qbatch::test;

namespace {

/// A server that refuses one item and applies some of the others all the same, as `applies` says of each.
class HalfServer {
 public:
  using Applies = std::function<bool(std::size_t position, std::size_t bad)>;
  HalfServer(std::size_t size, std::size_t bad, Applies applies) : there_(size), bad_(bad), applies_(std::move(applies)) {}

  /// Plays to the end; returns the requests beyond the first, read-backs counted.
  std::size_t play(MachineRig& rig) {
    std::size_t requests = 0;
    for (; !rig.done(); ++requests) answer(rig, rig.send());
    return requests - 1;
  }

 private:
  void answer(MachineRig& rig, const BatchMachine::Send& sent) {
    std::vector<std::size_t> carried;
    for (const auto& range : sent.positions.ranges())
      for (auto position = range.first; position < range.last; ++position) carried.push_back(position);
    std::string letters;
    for (const auto position : carried) letters += there_[position] ? 'd' : '.';
    if (sent.readBack) return rig.found(sent, letters);
    if (letters.find('d') != std::string::npos) FAIL("what is there was sent again: " << letters);
    const bool refused = std::find(carried.begin(), carried.end(), bad_) != carried.end();
    for (const auto position : carried) there_[position] = position != bad_ && (!refused || applies_(position, bad_));
    rig.answer(sent, refused ? itemAtFault(carried.size() > 1) : completed());
  }

  std::vector<bool> there_;
  std::size_t bad_;
  Applies applies_;
};

/// Refuses everything until 32 requests were, and returns the read-back that follows. `before`: requests that were not refused.
BatchMachine::Send lastLook(MachineRig& rig, std::size_t before = 0) {
  for (;;) {
    const auto sent = rig.send();
    if (!sent.readBack)
      rig.answer(sent, itemAtFault(true));
    else if (rig.machine.counters().sends < Isolation::limit + before)
      rig.found(sent, ".");
    else
      return sent;
  }
}

}  // namespace

TEST_CASE("batch_machine looks: one bad item costs at most three requests a level, read-backs counted", "[batch]") {
  const std::pair<const char*, HalfServer::Applies> servers[] = {
      {"what comes before", [](std::size_t position, std::size_t bad) { return position < bad; }},
      {"every other", [](std::size_t position, std::size_t) { return position % 2 == 0; }},
      {"nothing", [](std::size_t, std::size_t) { return false; }},
  };
  std::vector<std::size_t> sizes = {100, 127, 128, 129, 255, 256, 257, 500, 511, 512, 513, 1000, 1023, 1024};
  for (std::size_t size = 2; size <= 66; ++size) sizes.push_back(size);
  for (const auto size : sizes) {
    std::size_t levels = 0;  // the logarithm, rounded up
    while ((std::size_t{1} << levels) < size) ++levels;
    for (const auto& [name, applies] : servers) {
      std::size_t most = 0;
      for (std::size_t bad = 0; bad<size; bad += size> 300 ? 7 : 1) {
        MachineRig rig(reading());
        rig.fill({size});
        most = std::max(most, HalfServer(size, bad, applies).play(rig));
        std::size_t done = 0, rejected = 0;
        for (const auto& settlement : rig.settlements) (settlement.outcome == Outcome::done ? done : rejected) += settlement.range.size();
        if (done != size - 1 || rejected != 1 || rig.of(bad)->outcome != Outcome::rejected)
          FAIL(name << ": item " << bad << " of " << size);
      }
      CAPTURE(name, size, levels);
      CHECK(most <= 3 * levels);
    }
  }
}

TEST_CASE("batch_machine looks: when isolation stops the rest is read back, and is done or failed", "[batch]") {
  MachineRig rig(reading());
  rig.fill({64});
  const auto look = lastLook(rig);
  CHECK(look.positions.size() == 2);
  const auto first = look.positions.front();
  CHECK(rig.outcomes(64)[first] == '.');
  rig.found(look, "d.");
  CHECK(rig.done());
  const auto letters = rig.outcomes(64);
  CHECK(letters[first] == 'd');
  CHECK(letters[first + 1] == 'f');
  CHECK(std::count(letters.begin(), letters.end(), 'f') == 63);  // looked at before, and not there
  CHECK(rig.of(first + 1)->error.message().find("32 requests in a row") == 0);
  CHECK(rig.machine.counters().sends == Isolation::limit);
}

TEST_CASE("batch_machine looks: when isolation stops, what may yet be applied is unknown", "[batch]") {
  MachineRig rig(reading());
  rig.fill({64});
  rig.answer(rig.send(), unavailable(true));  // a copy that may come late
  rig.found(rig.lookLater(), ".");
  auto look = lastLook(rig, 1);
  std::string found(64, '.');
  for (bool first = true;; first = false, look = rig.look()) {
    // The first item of the first piece has come after all.
    std::string letters(look.positions.size(), '.');
    if (first) found[look.positions.front()] = letters[0] = 'd';
    rig.found(look, letters);
    if (rig.done()) break;
  }
  auto letters = rig.outcomes(64);
  CHECK(std::count(letters.begin(), letters.end(), 'd') == 1);
  CHECK(letters.find('d') == found.find('d'));
  CHECK(std::count(letters.begin(), letters.end(), 'u') == 63);
  CHECK(rig.machine.counters().sends == Isolation::limit + 1);  // nothing was written after the stop
}

TEST_CASE("batch_machine looks: an item that was refused alone is rejected, even where that stops isolation", "[batch]") {
  for (const char* found : {".", "d"}) {
    MachineRig rig(reading());
    rig.fill({1, 16});  // as many refusals as stop it
    auto look = lastLook(rig);
    CHECK(look.positions.size() == 1);
    const auto last = look.positions.front();
    rig.found(look, found);
    CHECK(rig.done());
    CHECK(rig.outcomes(17) == std::string(last, 'r') + (*found == 'd' ? 'd' : 'r') + std::string(16 - last, 'r'));
    if (*found != 'd') CHECK(rig.of(last)->error.message() == "wrong input");
  }
}

TEST_CASE("batch_machine looks: when isolation stops, what the server has in its log is still followed", "[batch]") {
  auto options = reading();
  options.followAccepted = true;
  MachineRig rig(options);
  rig.fill({2, 64});
  rig.answer(rig.send(), itemAtFault());
  rig.answer(rig.send(), acknowledged());
  while (!rig.of(65)) rig.answer(rig.send(), itemAtFault());
  CHECK(rig.outcomes(66) == ".r" + std::string(64, 'f'));
  rig.found(rig.lookLater(), "d");
  CHECK(rig.outcomes(1) == "d");
  CHECK(rig.done());
}

TEST_CASE("batch_machine looks: something that is found shows that dividing helps", "[batch]") {
  MachineRig rig(reading());
  std::vector<std::size_t> sizes(Isolation::limit - 2, 1);
  sizes.insert(sizes.end(), {2, 2});
  rig.fill(sizes);
  for (std::size_t i = 0; i < Isolation::limit - 2; ++i) rig.answer(rig.send(), itemAtFault());
  rig.answer(rig.send(), itemAtFault(true));
  rig.found(rig.look(), "d.");
  rig.playOut([](Range) { return itemAtFault(); });
  CHECK(rig.outcomes(34) == std::string(30, 'r') + "drrr");  // tried alone, all of them
}
