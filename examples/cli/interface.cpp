#include "interface.hpp"

#include <algorithm>
#include <string_view>

namespace cli {
namespace {

// CLI11 takes a word such as "[a,b]" apart, drops "++", and forgets "--" where a word stood before it. A byte in front, which no argument
// begins with, keeps a word whole and lets it be no option.
constexpr char guard = '\x01';

bool needsGuard(std::string_view word) { return word.starts_with('[') || word == "++"; }

std::string plain(const std::string& word) { return word.starts_with(guard) ? word.substr(1) : word; }

}  // namespace

Interface::Interface() {
  declareGlobal();
  declareStore();
  declareReplay();
  declareVerify();
  declareSearch();
  declareUpdate();
  declareDelete();
  declareCollections();
  declareLocalServer();
}

CLI::App* Interface::command(CLI::App& parent, const std::string& name, const std::string& description, const std::string& examples) {
  CLI::App* const made = parent.add_subcommand(name, description);
  made->fallthrough();
  made->allow_extras();
  made->footer("Examples:\n" + examples + "\nThe options of every command: qbatch --help");
  return made;
}

void Interface::option(CLI::App* command, const std::string& name, std::optional<std::string>& value, const std::string& kind,
                       const std::string& text) {
  const auto take = [this, name, &value](const CLI::results_t& given) {
    if (given.size() > 1) repeated.push_back(name);
    value = plain(given.front());
    return true;
  };
  command->add_option(name, take, text)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->type_name(kind);
}

void Interface::words(CLI::App* command, const std::string& name, const std::string& text) {
  const auto take = [this](const std::vector<std::string>& given) {
    for (const auto& word : given) written.words.push_back(plain(word));
    return true;
  };
  command->add_option_function<std::vector<std::string>>(name, take, text)->type_name("");
}

void Interface::declareGlobal() {
  app.allow_extras();
  app.require_subcommand(0, 1);
  app.set_help_flag("-h,--help", "Print this help, or a command's: qbatch COMMAND --help");
  app.add_flag("--version", version, "Print the version");
  option(&app, "--local", global.local,
         "FILE|:memory:", "Keep the data in this file, or in memory [QBATCH_LOCAL]; default: qbatch.db in this folder");
  option(&app, "--url", global.url, "URL", "Work on the Qdrant server at this address, as http://localhost:6333 [QDRANT_URL]");
  option(&app, "--api-key", global.apiKey, "KEY",
         "The server's key; better in the environment, where no list of processes shows it [QDRANT_API_KEY]");
  option(&app, "--ca-file", global.caFile, "FILE", "Certificates of the authorities to trust, for https");
  app.add_flag("--allow-key-over-plain-http", global.allowKeyOverPlainHttp, "Send the key without TLS to another machine");
  app.add_flag("--allow-other-embedder", global.allowOtherEmbedder, "Work on a collection that another embedder filled");
  option(&app, "--collection", global.collection, "NAME", "The collection to work on; default: patterns");
  option(&app, "--embedder", global.embedder, "SPEC",
         "What turns texts into vectors: hashing or hashing:DIM [QBATCH_EMBEDDER]; default: hashing");
  app.add_flag("--json", global.json, "Print one JSON document instead of tables");
  app.add_flag("--quiet", global.quiet, "No progress bar and no notices on stderr; errors stay");
  app.footer(
      "Examples:\n"
      "  qbatch --local patterns.db store patterns.jsonl\n"
      "  qbatch --url http://localhost:6333 store patterns.jsonl --checkpoint run.qb\n"
      "  qbatch --local patterns.db search \"error handling best practices\" --limit 3\n"
      "  qbatch --local patterns.db --json update updates.jsonl\n"
      "Exit: 0 every item done or accepted, 1 some not, 2 usage, configuration or unreadable input, 3 nothing could be done");
}

void Interface::importOptions(CLI::App* command) {
  option(command, "--batch", written.batch, "N", "Patterns a request; default: 1000");
  option(command, "--request-bytes", written.requestBytes, "N", "Bytes a request; default: 24 MiB");
  option(command, "--concurrency", written.concurrency, "N|auto", "Requests at once; default: auto");
  option(command, "--memory", written.memory, "MIB", "How much of the input is held at once, as it is read and on its way; default: 256");
  option(command, "--deadline", written.deadline, "S", "Give up after this many seconds");
  option(command, "--existing", written.existing, "keep|replace|skip",
         "What to do with points that exist: replace all but their usage metrics, replace all, or leave them; default: keep");
}

void Interface::declareStore() {
  store = command(app, "store", "Store the patterns of a JSONL file, however long",
                  "  qbatch store patterns.jsonl\n  qbatch store - --existing skip < patterns.jsonl\n"
                  "  qbatch store patterns.jsonl.gz --checkpoint run.qb --dead-letter failed.jsonl\n"
                  "A line: {\"description\": ..., \"code\": ..., \"language\": ..., \"metadata\": {...}, \"id\": ..., \"vector\": [...]}");
  option(store, "file", written.file, "", "One pattern a line, packed with gzip or not; - is standard input");
  importOptions(store);
  option(store, "--checkpoint", written.checkpoint, "FILE",
         "Record here what is done, so that the same command goes on where an earlier one ended; delete it to store all again");
  option(store, "--dead-letter", written.deadLetter, "FILE", "Append what could not be stored to this file, for qbatch replay");
  store->add_flag("--one-by-one", written.oneByOne, "A call for each pattern, one after another, for comparison");
}

void Interface::declareReplay() {
  replay = command(app, "replay", "Store the patterns of a file of dead letters; what still cannot be stored stays in it",
                   "  qbatch replay failed.jsonl\n"
                   "Letters may be mended first: a letter's pattern, or its text where that is no pattern.");
  option(replay, "file", written.file, "", "What store --dead-letter wrote");
  importOptions(replay);
}

void Interface::declareVerify() {
  verify = command(app, "verify", "Compare a JSONL file with what is stored",
                   "  qbatch verify patterns.jsonl\n  qbatch verify patterns.jsonl --sample 1000 --no-vectors\n"
                   "Exit: 0 all is there and equal, 1 something is missing or different, 2 usage or unreadable input, 3 not carried out");
  option(verify, "file", written.file, "", "One pattern a line, packed with gzip or not; - is standard input");
  option(verify, "--sample", written.sample, "N",
         "Compare so many patterns, drawn by chance, and of the others only whether they are there");
  verify->add_flag("--no-vectors", written.noVectors, "Do not compare vectors, so that no text is embedded");
  option(verify, "--deadline", written.deadline, "S", "Give up after this many seconds");
}

void Interface::declareSearch() {
  search = command(
      app, "search", "Search many queries at once",
      "  qbatch search \"database connection pooling\" \"logging configuration\"\n"
      "  qbatch search --file queries.txt --limit 3 --filter '{\"must\":[{\"key\":\"language\",\"match\":{\"value\":\"python\"}}]}'");
  words(search, "query", "What to look for");
  option(search, "--file", written.file, "FILE",
         "One query a line, as text or as {\"text\": ...} or {\"vector\": [...]}; - is standard input");
  option(search, "--limit", written.limit, "N", "Hits a query; default: 10");
  option(search, "--filter", written.filter, "JSON", "Only points that pass this Qdrant filter");
  option(search, "--min-score", written.minScore, "S", "Only hits of at least this score (Euclid, Manhattan: at most)");
  search->add_flag("--one-by-one", written.oneByOne, "A call for each query, one after another, for comparison");
}

void Interface::declareUpdate() {
  update = command(
      app, "update", "Update usage metrics",
      "  qbatch update updates.jsonl\n"
      "A line: {\"id\": ..., \"increment_usage\": true, \"success_rate\": 0.9, \"last_used\": \"2025-01-15T12:00:00Z\", \"set\": {...}}");
  option(update, "file", written.file, "", "One update a line; - is standard input");
  option(update, "--deadline", written.deadline, "S", "Give up after this many seconds");
}

void Interface::declareDelete() {
  erase = command(app, "delete", "Delete points by id or by filter",
                  "  qbatch delete 17 550e8400-e29b-41d4-a716-446655440000\n  qbatch delete --file ids.txt\n"
                  "  qbatch delete --filter '{\"must\":[{\"key\":\"language\",\"match\":{\"value\":\"perl\"}}]}'");
  words(erase, "id", "Whole numbers or UUIDs");
  option(erase, "--file", written.file, "FILE", "One id a line; - is standard input");
  option(erase, "--filter", written.filter, "JSON", "Every point that passes this Qdrant filter");
}

void Interface::declareCollections() {
  collections = app.add_subcommand("collections", "List, create, delete and alias collections, and sweep them");
  collections->fallthrough();
  collections->allow_extras();
  collections->require_subcommand(0, 1);
  collections->footer("A command's options: qbatch collections create --help");
  list = command(*collections, "list", "List the collections", "  qbatch collections list");
  create = command(*collections, "create", "Create a collection", "  qbatch collections create notes --size 1024 --distance Dot");
  option(create, "name", written.name, "", "The new collection's name");
  option(create, "--size", written.size, "N", "Floats a vector");
  option(create, "--distance", written.distance, "D", "Cosine, Dot, Euclid or Manhattan; default: Cosine");
  drop = command(*collections, "delete", "Delete collections with all their points", "  qbatch collections delete notes drafts");
  words(drop, "name", "Collections to delete");
  alias = command(*collections, "alias", "Give collections further names, or move such names",
                  "  qbatch collections alias current=patterns_v2");
  words(alias, "alias=name", "The further name and the collection that it stands for");
  sweepMarks = command(*collections, "sweep-marks", "Remove the marks that clients which were killed left on the points they updated",
                       "  qbatch collections sweep-marks\n  qbatch collections sweep-marks --older-than 72 patterns notes\n"
                       "Other clients may go on working meanwhile.");
  option(sweepMarks, "--older-than", written.olderThan, "HOURS", "Only marks of updates this long ago, 24 at least; default: 24");
  words(sweepMarks, "name", "Collections to sweep; default: as --collection");
}

void Interface::declareLocalServer() {
  localServer = command(app, "local-server", "Serve a file, or a store in memory, to every Qdrant client: Qdrant's REST API",
                        "  qbatch local-server --file patterns.db\n  qbatch local-server --file :memory: --listen 127.0.0.1:0\n"
                        "The first line on stdout is the server's URL. Ctrl-C stops it in good order.");
  option(localServer, "--listen", written.listen, "HOST:PORT", "Where to listen; port 0 is any free one; default: 127.0.0.1:6333");
  option(localServer, "--file", written.file, "FILE|:memory:", "What to serve; default: as --local");
  option(localServer, "--api-key", written.apiKey, "KEY",
         "The key that requests must carry; better in the environment, where no list of processes shows it [QBATCH_LOCAL_SERVER_KEY]");
  localServer->add_flag("--allow-unprotected", written.allowUnprotected, "Listen for other machines without a key");
}

void Interface::parse(int argc, const char* const* argv) {
  std::vector<std::string> words;
  bool optionsEnded = false;
  for (int index = 1; index < argc; ++index) {
    const std::string word = argv[index];
    if (optionsEnded || needsGuard(word)) {
      words.push_back(guard + word);
    } else if (word == "--") {
      optionsEnded = true;
    } else {
      words.push_back(word);
    }
  }
  std::reverse(words.begin(), words.end());
  app.parse(words);
}

std::vector<std::string> Interface::extras() const {
  std::vector<std::string> words;
  for (const auto& word : app.remaining(true)) words.push_back(plain(word));
  return words;
}

}  // namespace cli
