#include <chrono>
#include <unordered_map>
#include <unordered_set>

#include "batch_document.hpp"
#include "commands.hpp"
#include "deadline.hpp"
#include "input.hpp"
#include "progress_bar.hpp"
#include "result_text.hpp"

namespace cli {
namespace {

/// The library counts the items of its call; whoever reads of an id that stands twice needs the line.
Wordings repeatedIds(const qbatch::StoreReport& report, std::span<const qbatch::Pattern> items, std::span<const Place> places) {
  Wordings wordings;
  std::unordered_map<qbatch::PointId, std::size_t> lastLines;
  for (const auto& failure : report.failures()) {
    if (failure.error.code() != qbatch::Errc::duplicateId) continue;
    if (lastLines.empty()) {
      for (std::size_t index = 0; index < items.size(); ++index) lastLines[report.id(index)] = places[index].line;
    }
    const auto id = report.id(failure.index);
    wordings[failure.index] = "id " + id.toString() + " stands again on line " + std::to_string(lastLines[id]) +
                              " with other content, which is the one that is stored; give each pattern an id of its own";
  }
  return wordings;
}

/// The calls of one `store`, and what they amount to.
class Store {
 public:
  Store(const StoreArguments& arguments, const Context& context, const Input<qbatch::Pattern>& input)
      : arguments_(arguments),
        context_(context),
        input_(input),
        client_(openClient(context.settings, {.createFile = true, .embedder = true, .concurrency = arguments.concurrency})),
        deadline_(arguments.deadline) {}

  void run() {
    const ProgressBar bar("storing", context_.settings.quiet);
    // Without items, one call still says what an empty batch amounts to.
    if (!arguments_.oneByOne || input_.items.empty()) {
      call(input_.items, input_.places, bar.callback());
    } else {
      oneByOne(bar);
    }
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
      call(items.subspan(index, count), places.subspan(index, count), {});
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

  void call(std::span<const qbatch::Pattern> items, std::span<const Place> places, std::function<void(const qbatch::Progress&)> progress) {
    const auto report = client_.storePatterns(items, {.deadline = deadline_.left(),
                                                      .stop = context_.stop,
                                                      .chunk = chunk(),
                                                      .progress = std::move(progress),
                                                      .existing = arguments_.existing});
    const auto wordings = repeatedIds(report, items, places);
    tally.addCall(
        report, places, [&](std::size_t index) { return report.id(index).toString(); }, wordings);
    if (context_.settings.json) document.addCall(toJson(report, items), statsToJson(report), places, wordings);
    if (arguments_.oneByOne && report.ok() && report.size() == 1) points_.insert(report.id(0));
  }

  [[nodiscard]] qbatch::ChunkOptions chunk() const {
    qbatch::ChunkOptions options{.maxItems = arguments_.batch};
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

ExitCode runCommand(const StoreArguments& arguments, const Context& context) {
  const auto input = readPatterns(arguments.file, context.stop);
  Store store(arguments, context, input);
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
