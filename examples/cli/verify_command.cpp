#include <algorithm>

#include "commands.hpp"
#include "json_values.hpp"
#include "messages.hpp"
#include "progress_bar.hpp"
#include "qbatch/payload.hpp"
#include "result_text.hpp"
#include "text_table.hpp"
#include "told_source.hpp"

namespace cli {
namespace {

using Kind = qbatch::VerifyProblem::Kind;

constexpr std::size_t mostRows = 20;

std::string_view nameOf(Kind kind) noexcept {
  switch (kind) {
    case Kind::missing:
      return "missing";
    case Kind::payloadDiffers:
      return "payload_differs";
    case Kind::vectorDiffers:
      return "vector_differs";
    case Kind::noPattern:
      return "no_pattern";
    case Kind::notRead:
      break;
  }
  return "not_read";
}

std::string documentOf(const qbatch::VerifyReport& report) {
  std::string errors;
  for (const auto& problem : report.first) {
    qbatch::Payload entry;
    entry.set("index", problem.index).set("line", problem.line);
    entry.setJson("id", problem.id ? jsonId(*problem.id) : "null");
    entry.set("kind", nameOf(problem.kind)).setJson("text", jsonString(problem.text));
    errors += (errors.empty() ? "" : ",") + std::string(entry.json());
  }
  qbatch::Payload document{{"status", report.stopped ? "error" : "success"}};
  if (report.stopped) document.setJson("error", jsonString(report.stopped.message()));
  document.set("items", report.items).set("ids", report.ids).set("present", report.present).set("compared", report.compared);
  document.set("problems", report.problems).set("stored", report.stored).setJson("errors", "[" + errors + "]");
  return std::string(document.json()) + "\n";
}

std::string tableOf(const qbatch::VerifyReport& report) {
  if (report.problems == 0) return "";
  using Align = TextTable::Align;
  TextTable table({Align::right, Align::left, Align::left});
  table.row({"line", "id", "what"});
  std::size_t shown = 0;
  for (; shown < report.first.size() && shown < mostRows; ++shown) {
    const auto& problem = report.first[shown];
    table.row({std::to_string(problem.line), problem.id ? problem.id->toString() : "", problem.text});
  }
  std::string text = table.text("  ");
  if (shown < report.problems) text += "  and " + grouped(report.problems - shown) + " more; --json names the first thousand\n";
  return text;
}

/// "1,000 patterns, 998 ids: all there, all equal; the collection holds 1,000 points".
std::string summaryOf(const qbatch::VerifyReport& report) {
  std::string text = counted(report.items, "pattern", "patterns") + ", " + counted(report.ids, "id", "ids") + ": ";
  if (report.stopped) {
    text += grouped(report.compared) + " compared before it ended";
  } else {
    const auto missing = report.ids - report.present;
    const auto others = report.problems - std::min(report.problems, missing);
    const std::string equal = report.compared < report.items ? grouped(report.compared) + " compared, none of them different"
                              : missing > 0                  ? "the others equal"
                                                             : "all equal";
    text += missing == 0 ? "all there" : grouped(missing) + " not there";
    text += others > 0 ? ", " + grouped(others) + " not as in the file" : ", " + equal;
  }
  if (!report.stopped) text += "; the collection holds " + counted(report.stored, "point", "points");
  return text + "\n";
}

ExitCode exitCodeOf(const qbatch::VerifyReport& report) noexcept {
  if (report.stopped.code() == qbatch::Errc::inputBroken) return badUsage;
  if (report.problems > 0) return someNotDone;
  return report.stopped ? nothingDone : allDone;
}

}  // namespace

ExitCode runCommand(const VerifyArguments& arguments, const Context& context) {
  ToldSource source(qbatch::makeNdjsonSource(arguments.file), arguments.file);
  auto client = openClient(context.settings, {.embedder = true});
  const auto report = [&] {
    const ProgressBar bar("comparing", context.settings.quiet);
    qbatch::VerifyOptions options;
    options.deadline = arguments.deadline;
    options.stop = context.stop;
    options.progress = bar.callback();
    options.sample = arguments.sample;
    options.vectors = arguments.vectors;
    return client.verifyPatterns(source, options);
  }();
  if (report.stopped) complain(report.stopped.message());
  complainOfRest(source, report.stopped);
  print(context.settings.json ? documentOf(report) : summaryOf(report) + tableOf(report));
  return exitCodeOf(report);
}

}  // namespace cli
