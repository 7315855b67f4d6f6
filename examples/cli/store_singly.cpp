#include "store_singly.hpp"

#include <chrono>
#include <unordered_set>

#include "batch_document.hpp"
#include "deadline.hpp"
#include "import_tally.hpp"
#include "input.hpp"
#include "progress_bar.hpp"
#include "result_text.hpp"

namespace cli {
namespace {

/// The calls of one `store --one-by-one`, and what they amount to.
class SingleStores {
 public:
  SingleStores(const StoreArguments& arguments, const Context& context, const Input<qbatch::Pattern>& input)
      : arguments_(arguments),
        context_(context),
        input_(input),
        client_(openClient(context.settings, {.createFile = true, .embedder = true})),
        deadline_(arguments.deadline) {}

  void run() {
    const ProgressBar bar("storing", context_.settings.quiet);
    // Without items, one call still says what an empty batch amounts to.
    if (input_.items.empty()) call(input_.items, input_.places);
    oneByOne(bar);
    for (const auto& line : input_.rejected) {
      tally.addRejected(line);
      document.addRejected(line);
    }
  }

  Tally tally;
  BatchDocument document{"pattern"};

 private:
  void oneByOne(const ProgressBar& bar) {
    const std::span<const qbatch::Pattern> items = input_.items;
    const std::span<const Place> places = input_.places;
    const auto began = Deadline::Clock::now();
    for (std::size_t index = 0; index < items.size(); ++index) {
      // After a stop one call says of all the rest at once that it is unsent.
      const std::size_t count = context_.stop.stop_requested() ? items.size() - index : 1;
      call(items.subspan(index, count), places.subspan(index, count));
      if (count > 1) break;
      const std::chrono::duration<double> elapsed = Deadline::Clock::now() - began;
      const auto failed = tally.total() - tally.successful();
      bar.show({.done = tally.successful(),
                .total = items.size(),
                .failed = failed,
                .itemsPerSecond = static_cast<double>(index + 1) / elapsed.count()});
    }
    tally.setPoints(points_.size());
    document.setPoints(points_.size());
  }

  void call(std::span<const qbatch::Pattern> items, std::span<const Place> places) {
    const auto report = client_.storePatterns(
        items, {.deadline = deadline_.left(), .stop = context_.stop, .chunk = chunk(), .existing = arguments_.existing});
    const auto wordings = repeatedIds(report, [&](std::size_t index) { return places[index].line; });
    tally.addCall(
        report, places, [&](std::size_t index) { return report.id(index).toString(); }, wordings);
    if (context_.settings.json) document.addCall(toJson(report, items), statsToJson(report), places, wordings);
    if (report.ok() && report.size() == 1) points_.insert(report.id(0));
  }

  [[nodiscard]] qbatch::ChunkOptions chunk() const {
    qbatch::ChunkOptions options;
    if (arguments_.requestBytes > 0) options.maxBytes = arguments_.requestBytes;
    return options;
  }

  const StoreArguments& arguments_;
  const Context& context_;
  const Input<qbatch::Pattern>& input_;
  qbatch::BatchClient client_;
  Deadline deadline_;
  std::unordered_set<qbatch::PointId> points_;
};

}  // namespace

ExitCode storeSingly(const StoreArguments& arguments, const Context& context) {
  const auto input = readPatterns(arguments.file, context.stop);
  SingleStores store(arguments, context, input);
  store.run();
  complainOfStop(store.tally);
  if (context.settings.json) {
    print(store.document.take() + "\n");
  } else {
    Tally& tally = store.tally;
    print("stored " + grouped(tally.successful()) + " of " + counted(tally.total(), "pattern", "patterns") + " as " +
          counted(tally.points(), "point", "points") + summaryTail(tally) + "\n" + failureTable(tally));
  }
  return store.tally.exitCode();
}

}  // namespace cli
