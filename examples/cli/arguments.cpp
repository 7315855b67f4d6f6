#include "arguments.hpp"

#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "argument_values.hpp"
#include "interface.hpp"
#include "qbatch/version.hpp"

namespace cli {
namespace {

constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t mostMiB = std::size_t{1} << 24;

/// Turns what was written into the arguments of the command that was named.
class Reader {
 public:
  Reader(Interface& interface, std::vector<std::string>& problems) : i_(interface), problems_(problems), values_(problems) {}

  Command command() {
    if (i_.store->parsed()) return store();
    if (i_.replay->parsed()) return replay();
    if (i_.verify->parsed()) return verify();
    if (i_.search->parsed()) return search();
    if (i_.update->parsed()) return update();
    if (i_.erase->parsed()) return erase();
    if (i_.create->parsed()) return create();
    if (i_.drop->parsed()) return DropArguments{named("NAME", "a collection to delete is needed")};
    if (i_.alias->parsed()) return alias();
    if (i_.sweepMarks->parsed()) return sweepMarks();
    if (i_.localServer->parsed()) return localServer();
    return ListArguments{};
  }

 private:
  std::vector<std::string> named(const std::string& what, const std::string& why) {
    if (written().words.empty()) problems_.push_back(what + ": " + why);
    return written().words;
  }

  void importValues(ImportArguments& result) {
    result.file = written().file.value_or("");
    values_.wholeNumber("--batch", written().batch, 1, most, result.batch);
    values_.wholeNumber("--request-bytes", written().requestBytes, 1, most, result.requestBytes);
    values_.concurrency("--concurrency", written().concurrency, result.concurrency);
    values_.wholeNumber("--memory", written().memory, 1, mostMiB, result.memoryMiB);
    values_.seconds("--deadline", written().deadline, result.deadline);
    values_.existing("--existing", written().existing, result.existing);
  }

  Command store() {
    StoreArguments result;
    if (!written().file) problems_.push_back("FILE: a file of patterns is needed, or - for standard input");
    importValues(result);
    values_.fileName("--checkpoint", written().checkpoint, result.checkpoint);
    values_.fileName("--dead-letter", written().deadLetter, result.deadLetter);
    result.oneByOne = written().oneByOne;
    for (const auto& [name, there] :
         {std::pair("--batch", written().batch.has_value()), std::pair("--concurrency", written().concurrency.has_value()),
          std::pair("--memory", written().memory.has_value()), std::pair("--checkpoint", written().checkpoint.has_value()),
          std::pair("--dead-letter", written().deadLetter.has_value())})
      if (result.oneByOne && there) problems_.push_back(std::string(name) + " and --one-by-one contradict each other; give one of them");
    return result;
  }

  Command replay() {
    ReplayArguments result;
    if (!written().file) problems_.push_back("FILE: a file of dead letters is needed, as store --dead-letter writes it");
    importValues(result);
    if (result.file == "-") problems_.push_back("FILE: - is standard input, but what is still not stored is to stay in a file; name that");
    return result;
  }

  Command verify() {
    VerifyArguments result;
    if (!written().file) problems_.push_back("FILE: the file of patterns that was stored is needed, or - for standard input");
    result.file = written().file.value_or("");
    values_.wholeNumber("--sample", written().sample, 1, most, result.sample);
    result.vectors = !written().noVectors;
    values_.seconds("--deadline", written().deadline, result.deadline);
    return result;
  }

  Command search() {
    SearchArguments result{.queries = written().words, .file = written().file};
    if (result.file && !result.queries.empty()) problems_.push_back("QUERY and --file contradict each other; give one of them");
    if (!result.file && result.queries.empty()) problems_.push_back("QUERY: what to look for is needed, or --file FILE");
    values_.wholeNumber("--limit", written().limit, 1, most, result.limit);
    std::optional<qbatch::Filter> filter;
    values_.filter("--filter", written().filter, filter);
    if (filter) result.filter = *filter;
    values_.score("--min-score", written().minScore, result.minScore);
    result.oneByOne = written().oneByOne;
    return result;
  }

  Command update() {
    UpdateArguments result;
    if (!written().file) problems_.push_back("FILE: a file of updates is needed, or - for standard input");
    result.file = written().file.value_or("");
    values_.seconds("--deadline", written().deadline, result.deadline);
    return result;
  }

  Command erase() {
    DeleteArguments result{.file = written().file};
    values_.ids(written().words, result.ids);
    values_.filter("--filter", written().filter, result.filter);
    std::string given;
    for (const auto& [name, there] : {std::pair("ID", !written().words.empty()), std::pair("--file", written().file.has_value()),
                                      std::pair("--filter", written().filter.has_value())}) {
      if (there) given += (given.empty() ? "" : " and ") + std::string(name);
    }
    if (given.empty()) problems_.push_back("ID: what to delete is needed: ids, --file FILE or --filter JSON");
    if (given.find(" and ") != std::string::npos) problems_.push_back(given + " contradict each other; give one of them");
    if (result.filter && result.filter->empty())
      problems_.push_back("--filter: an empty filter would delete every point; use collections delete");
    return result;
  }

  Command create() {
    CreateArguments result;
    if (written().name.value_or("").empty()) problems_.push_back("NAME: the new collection's name is needed");
    result.name = written().name.value_or("");
    if (!written().size) problems_.push_back("--size: the number of floats a vector is needed");
    values_.wholeNumber("--size", written().size, 1, 65536, result.size);
    values_.distance("--distance", written().distance, result.distance);
    return result;
  }

  Command alias() {
    AliasArguments result;
    values_.aliases(named("ALIAS=NAME", "an alias is needed, for example current=patterns"), result.pairs);
    return result;
  }

  Command sweepMarks() {
    SweepMarksArguments result{.names = written().words};
    values_.hours("--older-than", written().olderThan, result.olderThan);
    if (!result.names.empty() && i_.global.collection) problems_.push_back("NAME and --collection contradict each other; give one of them");
    return result;
  }

  Command localServer() {
    LocalServerArguments result{.apiKey = written().apiKey, .allowUnprotected = written().allowUnprotected};
    values_.listen("--listen", written().listen, result);
    if (i_.global.url) problems_.push_back("--url: local-server puts a server in front of a file; name that with --file");
    if (i_.global.local && written().file) problems_.push_back("--local and --file contradict each other; give one of them");
    if (written().file) i_.global.local = written().file;
    // Wherever it stands, the key is that of the server which is started.
    if (result.apiKey && i_.global.apiKey) problems_.push_back("--api-key: given several times; give it once");
    if (i_.global.apiKey) result.apiKey = std::exchange(i_.global.apiKey, std::nullopt);
    if (result.apiKey && result.apiKey->empty()) problems_.push_back("--api-key: the key is empty");
    i_.global.fileOnly = true;
    return result;
  }

  [[nodiscard]] const Written& written() const { return i_.written; }

  Interface& i_;
  std::vector<std::string>& problems_;
  ArgumentValues values_;
};

/// Names what no option or command takes. A word after an unknown option is most likely its value: only the option is named then.
void nameExtras(const std::vector<std::string>& extras, std::vector<std::string>& problems) {
  const auto isOption = [](const std::string& word) { return word.size() > 1 && word[0] == '-'; };
  bool anyOption = false;
  for (const auto& extra : extras) {
    if (!isOption(extra)) continue;
    anyOption = true;
    problems.push_back(extra.substr(0, extra.find('=')) + ": no such option here; see --help");
  }
  if (anyOption) return;
  for (const auto& extra : extras) problems.push_back("\"" + extra + "\" is one argument too many; see --help");
}

/// False where the command line cannot be taken apart at all; the one thing that is wrong is then in `problems`.
bool parse(Interface& interface, int argc, const char* const* argv, std::vector<std::string>& problems) {
  try {
    interface.parse(argc, argv);
    return true;
  } catch (const CLI::CallForHelp&) {
    throw TextRequested{interface.app.help()};
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string said = error.what();
    problems.push_back(said.substr(0, said.find(':')) + ": a value is needed");
  } catch (const CLI::ParseError& error) {
    problems.emplace_back(error.what());
  }
  return false;
}

/// False, and named in `problems`, where there is no command, or no such.
bool commandNamed(const Interface& interface, const std::vector<std::string>& extras, std::vector<std::string>& problems) {
  const bool any = !interface.app.get_subcommands().empty();
  if (any && !(interface.collections->parsed() && interface.collections->get_subcommands().empty())) return true;
  const bool word = !extras.empty() && !extras.front().starts_with('-');
  const std::string problem = word ? "\"" + extras.front() + "\" is no command" : "a command is needed";
  problems.push_back(
      any ? "collections: " + problem + "; the commands are list, create, delete, alias and sweep-marks"
          : problem + "; the commands are store, replay, verify, search, update, delete, collections and local-server; see qbatch --help");
  return false;
}

}  // namespace

Arguments readArguments(int argc, const char* const* argv, std::vector<std::string>& problems) {
  Interface interface;
  if (!parse(interface, argc, argv, problems)) return {};
  if (interface.version) throw TextRequested{"qbatch " + std::string(qbatch::version()) + "\n"};
  const auto extras = interface.extras();
  if (!commandNamed(interface, extras, problems)) return {};

  const auto before = problems.size();
  nameExtras(extras, problems);
  const bool misread = problems.size() > before;
  for (const auto& option : interface.repeated) problems.push_back(option + ": given several times; give it once");
  std::vector<std::string> ofCommand;
  Command command = Reader(interface, ofCommand).command();
  Arguments result{interface.global, std::move(command)};
  // Where an option is unknown, its value may have become a file or a query: what is said of those would mislead.
  for (auto& problem : ofCommand) {
    if (!misread || problem.starts_with("--")) problems.push_back(std::move(problem));
  }
  return result;
}

}  // namespace cli
