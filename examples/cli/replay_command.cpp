#include <optional>

#include "commands.hpp"
#include "import_call.hpp"
#include "letter_file.hpp"
#include "messages.hpp"
#include "qbatch/lines.hpp"
#include "result_text.hpp"

namespace cli {
namespace {

/// Whether every item that was read is stored, superseded, or a letter again. It is not where letters could not be written.
bool accountedFor(const ImportCall& call) {
  const auto& report = call.report();
  return doneNow(report) + call.tally().superseded() + report.deadLetters() == report.size();
}

/// Leaves in the file what is still not stored; says for people what was done with it. Throws qbatch::RequestError.
std::string settle(LetterFile& file, const ImportCall& call, const ToldSource& source) {
  const auto& report = call.report();
  // Nothing is known better than before.
  if (report.stopped() && doneNow(report) == 0) return source.name() + " was left as it was";
  if (!accountedFor(call) || report.stopped().code() == qbatch::Errc::inputBroken)
    return source.name() + " was left as it was, with letters that are stored now; storing them once more does no harm";
  if (!source.atEnd()) file.keepBehind(source.line());
  file.replace();
  if (!source.atEnd())
    return counted(report.deadLetters(), "letter stays", "letters stay") + " in " + source.name() + ", and those that were not read yet";
  if (report.deadLetters() == 0) return source.name() + " is empty now";
  return counted(report.deadLetters(), "letter stays", "letters stay") + " in " + source.name();
}

}  // namespace

ExitCode runCommand(const ReplayArguments& arguments, const Context& context) {
  LetterFile file(arguments.file);
  ToldSource source(qbatch::makeDeadLetterSource(arguments.file, context.settings.embedder->traits().identity), arguments.file);
  auto client = openImportClient(arguments, context);
  ImportCall call(arguments, context);
  qbatch::ImportOptions files;
  files.deadLetters = file.remaining();  // without a checkpoint what was not sent is a letter, too
  call.run(client, source, files);
  std::vector<std::string> notes;
  bool kept = true;
  try {
    notes.push_back(settle(file, call, source));
  } catch (const qbatch::RequestError& error) {
    complain(error.what());
    kept = false;
  }
  const auto exit = call.show(notes);
  return kept || exit != allDone ? exit : someNotDone;
}

}  // namespace cli
