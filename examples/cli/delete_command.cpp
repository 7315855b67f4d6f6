#include "batch_document.hpp"
#include "commands.hpp"
#include "input.hpp"
#include "progress_bar.hpp"
#include "result_text.hpp"

namespace cli {

ExitCode runCommand(const DeleteArguments& arguments, const Context& context) {
  const auto input = arguments.file ? readIds(*arguments.file, context.stop) : fromArguments(arguments.ids);
  auto client = openClient(context.settings, {});
  const auto report = [&] {
    const ProgressBar bar("deleting", context.settings.quiet);
    const qbatch::DeleteOptions options{.stop = context.stop, .progress = bar.callback()};
    return arguments.filter ? client.deletePatterns(*arguments.filter, options) : client.deletePatterns(input.items, options);
  }();
  Tally tally;
  tally.addCall(report, input.places, [&](std::size_t index) { return report.id(index).toString(); });
  for (const auto& line : input.rejected) tally.addRejected(line);
  complainOfStop(tally);
  if (context.settings.json) {
    BatchDocument document("");
    document.addCall(toJson(report), statsToJson(report), input.places);
    for (const auto& line : input.rejected) document.addRejected(line);
    print(document.take() + "\n");
  } else {
    // An id without a point is done as well, so it cannot be said that each was deleted now.
    const std::string what = arguments.filter ? " found and deleted" : " are gone";
    print(grouped(tally.successful()) + " of " + counted(tally.total(), "point", "points") + what + summaryTail(tally) + "\n" +
          failureTable(tally));
  }
  return tally.exitCode();
}

}  // namespace cli
