#include "run/import_keeper.hpp"

#include <filesystem>
#include <fstream>

#include "report_data.hpp"
#include "stream/item_hash.hpp"
#include "support/catch.hpp"
#include "support/file_size_limit.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::test;
using run::ImportKeeper;
using run::ImportWindow;

namespace {

struct Rig {
  ScratchFolder folder;
  ImportOptions options;

  explicit Rig(bool letters = true) {
    options.checkpoint = (folder.path() / "checkpoint").string();
    if (letters) options.deadLetters = (folder.path() / "letters").string();
  }
  [[nodiscard]] std::size_t letters() const {
    std::ifstream in(options.deadLetters);
    std::size_t lines = 0;
    for (std::string line; std::getline(in, line);) ++lines;
    return lines;
  }
  /// What the next run would have to do, of items 0 to `items`.
  [[nodiscard]] std::vector<std::size_t> left(std::size_t items) const {
    auto resume = ImportKeeper(options, "patterns", "").resume();
    std::vector<std::size_t> all;
    for (std::size_t index = 0; index < items; ++index)
      if (resume.next(index, 1000 + index) == stream::Resume::Item::toDo) all.push_back(index);
    return all;
  }
};

void fill(ImportWindow& window, std::size_t first, std::size_t count) {
  for (auto index = first; index < first + count; ++index) {
    ImportItem item;
    item.pattern.id = PointId(index);
    item.pattern.vector = {1};
    window.add(std::move(item), index, 1000 + index);
  }
}

StoreReport reportOf(const ImportWindow& window, std::vector<ItemFailure> failures, const Error& stopped = {}) {
  auto data = std::make_shared<ReportData>();
  data->size = window.patterns.size();
  data->ids = window.ids;
  data->failures = std::move(failures);
  data->stopped = stopped;
  return StoreReport(std::move(data));
}

const Error refused(Errc::refused, Origin::server, "no");

}  // namespace

TEST_CASE("what is done or a letter is settled for the next run") {
  const Rig rig;
  {
    ImportKeeper keeper(rig.options, "patterns", "");
    keeper.begin(stream::itemDigest(0, 1000));
    ImportWindow window;
    fill(window, 0, 5);
    CHECK(keeper.keep(window, reportOf(window, {{2, Outcome::rejected, refused, 1}, {4, Outcome::failed, refused, 1}})) == 2);
    CHECK(keeper.allSettled());
  }
  CHECK(rig.letters() == 2);
  CHECK(rig.left(6) == std::vector<std::size_t>{5});
}

TEST_CASE("what an early end left over is the next run's, and no letter") {
  const Rig rig;
  const Error gone(Errc::unavailable, Origin::transport, "gone");
  {
    ImportKeeper keeper(rig.options, "patterns", "");
    keeper.begin(stream::itemDigest(0, 1000));
    ImportWindow window;
    fill(window, 0, 6);
    const std::vector<ItemFailure> failures{
        {1, Outcome::rejected, refused, 1}, {2, Outcome::failed, gone, 1}, {3, Outcome::unknown, gone, 1}, {5, Outcome::unsent, gone, 0}};
    CHECK(keeper.keep(window, reportOf(window, failures, gone)) == 1);
    CHECK_FALSE(keeper.allSettled());
  }
  CHECK(rig.letters() == 1);
  CHECK(rig.left(6) == std::vector<std::size_t>{2, 3, 5});
}

TEST_CASE("without dead letters what is at fault stays to be met again, but for ids that stand twice") {
  const Rig rig(false);
  {
    ImportKeeper keeper(rig.options, "patterns", "");
    keeper.begin(stream::itemDigest(0, 1000));
    ImportWindow window;
    fill(window, 0, 2);
    ImportItem none;
    none.problem = "no JSON";
    window.add(none, 2, 1002);
    fill(window, 3, 2);
    const Error twice(Errc::duplicateId, Origin::caller, "twice");
    CHECK(keeper.keep(window, reportOf(window, {{1, Outcome::rejected, refused, 1}, {2, Outcome::rejected, twice, 0}})) == 0);
  }
  CHECK(rig.left(5) == std::vector<std::size_t>{1, 2});
}

TEST_CASE("without a checkpoint all that is not done becomes a letter") {
  Rig rig;
  rig.options.checkpoint.clear();
  ImportKeeper keeper(rig.options, "patterns", "");
  ImportWindow window;
  fill(window, 0, 3);
  const Error gone(Errc::unavailable, Origin::transport, "gone");
  CHECK(keeper.keep(window, reportOf(window, {{0, Outcome::unknown, gone, 1}, {2, Outcome::unsent, gone, 0}}, gone)) == 2);
}

TEST_CASE("the caller is told before the ledger knows, and a throw keeps it from knowing") {
  Rig rig;
  int told = 0;
  rig.options.settled = [&](const ImportedBatch& batch) {
    CHECK(batch.indices.size() == 2);
    if (++told == 2) throw std::runtime_error("mine");
  };
  {
    ImportKeeper keeper(rig.options, "patterns", "");
    keeper.begin(stream::itemDigest(0, 1000));
    for (std::size_t at = 0; at < 3; ++at) {
      ImportWindow window;
      fill(window, 2 * at, 2);
      if (at == 1)
        CHECK_THROWS_AS(keeper.keep(window, reportOf(window, {})), std::runtime_error);
      else
        CHECK(keeper.keep(window, reportOf(window, {})) == 0);
    }
    CHECK_FALSE(keeper.allSettled());
  }
  CHECK(told == 2);
  CHECK(rig.left(6) == std::vector<std::size_t>{2, 3, 4, 5});
}

TEST_CASE("where a file cannot be written to any more, the caller is told of later windows all the same") {
  Rig rig;
  rig.options.deadLetters.clear();
  std::size_t told = 0;
  rig.options.settled = [&](const ImportedBatch& batch) { told += batch.patterns.size(); };
  ImportKeeper keeper(rig.options, "patterns", "");
  keeper.begin(stream::itemDigest(0, 1000));
  {
    const FileSizeLimit limit(std::filesystem::file_size(rig.options.checkpoint));
    ImportWindow window;
    fill(window, 0, 2);
    CHECK_THROWS_AS(keeper.keep(window, reportOf(window, {})), RequestError);
  }
  ImportWindow window;
  fill(window, 2, 3);
  CHECK(keeper.keep(window, reportOf(window, {})) == 0);
  CHECK(told == 5);
  CHECK_FALSE(keeper.allSettled());
}
