#include "import_call.hpp"

#include <utility>

#include "messages.hpp"
#include "progress_bar.hpp"
#include "result_text.hpp"

namespace cli {

qbatch::BatchClient openImportClient(const ImportArguments& arguments, const Context& context) {
  return openClient(
      context.settings,
      {.createFile = true, .embedder = true, .concurrency = arguments.concurrency, .bufferedBytes = arguments.memoryMiB << 20});
}

void ImportCall::run(qbatch::BatchClient& client, ToldSource& source, qbatch::ImportOptions options) {
  checkpoint_ = options.checkpoint;
  options.deadline = arguments_.deadline;
  options.stop = context_.stop;
  options.chunk.maxItems = arguments_.batch;
  if (arguments_.requestBytes > 0) options.chunk.maxBytes = arguments_.requestBytes;
  options.existing = arguments_.existing;
  options.settled = [this](const qbatch::ImportedBatch& batch) { settled(batch); };
  {
    const ProgressBar bar("storing", context_.settings.quiet);
    if (auto show = bar.callback())
      options.progress = [show = std::move(show), &source](qbatch::Progress progress) {
        if (source.atEnd()) progress.total = source.items();
        show(progress);
      };
    report_ = client.importPatterns(source, options);
  }
  complainOfEnd(source);
}

void ImportCall::settled(const qbatch::ImportedBatch& batch) {
  const auto wordings = repeatedIds(batch.report, [&](std::size_t index) { return batch.lines[index]; });
  tally_.add(batch, wordings);
  if (!context_.settings.json || !document_.problem().empty()) return;
  document_.add(batch, wordings);
  if (!document_.problem().empty())
    complain(document_.problem() + "; storing goes on, and the document will lack what became of each item");
}

void ImportCall::complainOfEnd(const ToldSource& source) const {
  const auto& stopped = report_.stopped();
  if (!stopped) return;
  complain((doneNow(report_) > 0 ? "stopped early: " : "") + stopped.message());
  complainOfRest(source, stopped);
  if (!checkpoint_.empty() && stopped.code() != qbatch::Errc::inputBroken && !context_.settings.quiet)
    complain("the same command goes on from there (checkpoint " + checkpoint_ + ")");
}

ExitCode ImportCall::show(const std::vector<std::string>& notes) const {
  if (context_.settings.json) {
    document_.print(report_);
    return document_.problem().empty() || exitCodeOf(report_) != allDone ? exitCodeOf(report_) : someNotDone;
  }
  std::size_t failed = 0;
  for (const auto outcome : {qbatch::Outcome::rejected, qbatch::Outcome::failed, qbatch::Outcome::unknown, qbatch::Outcome::unsent})
    failed += report_.count(outcome);
  std::string text = summaryOf(report_, checkpoint_) + "\n" + failureTable(tally_.failures(), failed);
  for (const auto& note : notes) text += note + "\n";
  print(text);
  return exitCodeOf(report_);
}

}  // namespace cli
