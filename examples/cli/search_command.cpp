#include <functional>
#include <span>
#include <vector>

#include "batch_document.hpp"
#include "commands.hpp"
#include "hit_table.hpp"
#include "input.hpp"
#include "progress_bar.hpp"
#include "result_text.hpp"

namespace cli {
namespace {

Input<qbatch::Query> readInput(const SearchArguments& arguments, const Context& context) {
  if (arguments.file) return readQueries(*arguments.file, context.stop);
  std::vector<qbatch::Query> queries;
  for (const auto& text : arguments.queries) queries.push_back({.text = text});
  return fromArguments(std::move(queries));
}

/// The calls of one `search`, and what they found.
class Search {
 public:
  Search(const SearchArguments& arguments, const Context& context, const Input<qbatch::Query>& input)
      : arguments_(arguments), context_(context), input_(input), client_(openClient(context.settings, {.embedder = true})) {}

  void run() {
    const ProgressBar bar("searching", context_.settings.quiet);
    if (!arguments_.oneByOne || input_.items.empty()) {
      call(input_.items, input_.places, bar.callback());
    } else {
      for (std::size_t index = 0; index < input_.items.size(); ++index) {
        // After a stop one call says of all the rest at once that it is unsent.
        const std::size_t count = context_.stop.stop_requested() ? input_.items.size() - index : 1;
        call(std::span(input_.items).subspan(index, count), std::span(input_.places).subspan(index, count), {});
        if (count > 1) break;
        const auto failed = tally.total() - tally.successful();
        bar.show({.done = tally.successful(), .total = input_.items.size(), .failed = failed});
      }
    }
    for (const auto& line : input_.rejected) {
      tally.addRejected(line);
      document.addRejected(line);
    }
  }

  /// For people: each query with its hits, or with why it has none.
  std::string text() {
    HitTables tables;
    std::size_t position = 0;
    for (const auto& report : reports_) {
      auto failure = report.failures().begin();
      for (std::size_t index = 0; index < report.size(); ++index, ++position) {
        const bool failed = failure != report.failures().end() && failure->index == index;
        tables.add(input_.places[position], input_.items[position], report.hits(index), failed ? failure->error.message() : "");
        if (failed) ++failure;
      }
    }
    for (const auto& line : input_.rejected) tables.addRejected(line);
    return tables.text();
  }

  Tally tally;
  BatchDocument document{""};

 private:
  void call(std::span<const qbatch::Query> queries, std::span<const Place> places, std::function<void(const qbatch::Progress&)> progress) {
    const auto report = client_.searchPatterns(queries, {.stop = context_.stop,
                                                         .progress = std::move(progress),
                                                         .limit = arguments_.limit,
                                                         .filter = arguments_.filter,
                                                         .minScore = arguments_.minScore});
    tally.addCall(report, places, [](std::size_t) { return ""; });
    if (context_.settings.json) {
      document.addCall(toJson(report, queries), statsToJson(report), places);
    } else {
      reports_.push_back(report);
    }
  }

  const SearchArguments& arguments_;
  const Context& context_;
  const Input<qbatch::Query>& input_;
  qbatch::BatchClient client_;
  std::vector<qbatch::SearchReport> reports_;
};

}  // namespace

ExitCode runCommand(const SearchArguments& arguments, const Context& context) {
  const auto input = readInput(arguments, context);
  Search search(arguments, context, input);
  search.run();
  complainOfStop(search.tally);
  if (context.settings.json) {
    print(search.document.take() + "\n");
  } else {
    const Tally& tally = search.tally;
    const std::string hits = search.tally.exitCode() == nothingDone ? "" : search.text();
    print(hits + "answered " + grouped(tally.successful()) + " of " + counted(tally.total(), "query", "queries") + " with " +
          counted(tally.points(), "hit", "hits") + summaryTail(tally) + "\n");
  }
  return search.tally.exitCode();
}

}  // namespace cli
