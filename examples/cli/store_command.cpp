#include "commands.hpp"
#include "import_call.hpp"
#include "result_text.hpp"
#include "store_singly.hpp"

namespace cli {

ExitCode runCommand(const StoreArguments& arguments, const Context& context) {
  if (arguments.oneByOne) return storeSingly(arguments, context);
  ToldSource source(qbatch::makeNdjsonSource(arguments.file), arguments.file);
  auto client = openImportClient(arguments, context);
  ImportCall call(arguments, context);
  qbatch::ImportOptions files;
  files.checkpoint = arguments.checkpoint.value_or("");
  files.deadLetters = arguments.deadLetter.value_or("");
  call.run(client, source, files);
  std::vector<std::string> notes;
  if (const auto letters = call.report().deadLetters())
    notes.push_back(counted(letters, "dead letter was", "dead letters were") + " written to " + files.deadLetters +
                    "; when what is wrong with them is mended, store them with: qbatch replay " + files.deadLetters);
  return call.show(notes);
}

}  // namespace cli
