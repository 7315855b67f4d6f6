#include "batch_document.hpp"
#include "commands.hpp"
#include "input.hpp"
#include "progress_bar.hpp"
#include "result_text.hpp"

namespace cli {

ExitCode runCommand(const UpdateArguments& arguments, const Context& context) {
  const auto input = readUpdates(arguments.file, context.stop);
  auto client = openClient(context.settings, {});
  const auto report = [&] {
    const ProgressBar bar("updating", context.settings.quiet);
    return client.updateMetrics(input.items, {.deadline = arguments.deadline, .stop = context.stop, .progress = bar.callback()});
  }();
  Tally tally;
  tally.addCall(report, input.places, [&](std::size_t index) { return input.items[index].id.toString(); });
  for (const auto& line : input.rejected) tally.addRejected(line);
  complainOfStop(tally);
  if (context.settings.json) {
    BatchDocument document("update");
    document.addCall(toJson(report, input.items), statsToJson(report), input.places);
    for (const auto& line : input.rejected) document.addRejected(line);
    print(document.take() + "\n");
  } else {
    print("applied " + grouped(tally.successful()) + " of " + counted(tally.total(), "update", "updates") + " to " +
          counted(tally.points(), "point", "points") + summaryTail(tally) + "\n" + failureTable(tally));
  }
  return tally.exitCode();
}

}  // namespace cli
