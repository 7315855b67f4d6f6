// qbatch: the command line over the library. Reads the arguments, carries out one command, and turns what went wrong into an exit code.
#include <algorithm>
#include <clocale>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "arguments.hpp"
#include "commands.hpp"
#include "interrupt.hpp"
#include "json_values.hpp"
#include "messages.hpp"
#include "qbatch/error.hpp"
#include "qbatch/lines.hpp"
#include "result_text.hpp"
#include "settings.hpp"

namespace cli {
namespace {

bool wantsJson(int argc, const char* const* argv) {
  return std::any_of(argv, argv + argc, [](const char* word) { return std::string_view(word) == "--json"; });
}

/// Where nothing could be tried, --json still gets its one document.
int failWith(ExitCode code, const std::string& problem, bool json) {
  if (json) print(R"({"status":"error","error":)" + jsonString(inOptions(problem)) + "}\n");
  return code;
}

int complainOf(const std::vector<std::string>& problems, bool json) {
  std::string all;
  for (const auto& problem : problems) {
    complain(problem);
    all += (all.empty() ? "" : "; ") + problem;
  }
  return failWith(badUsage, all, json);
}

int run(int argc, const char* const* argv) {
  std::vector<std::string> problems;
  const auto arguments = readArguments(argc, argv, problems);
  const auto settings = makeSettings(arguments.global, problems);
  if (!problems.empty()) return complainOf(problems, wantsJson(argc, argv));
  const Interrupt interrupt;
  const Context context{settings, interrupt.token()};
  return std::visit([&](const auto& command) { return runCommand(command, context); }, arguments.command);
}

int runSafely(int argc, const char* const* argv) {
  try {
    return run(argc, argv);
  } catch (const TextRequested& request) {
    print(request.text);
    return allDone;
  } catch (const qbatch::ConfigError& error) {
    return complainOf(error.problems(), wantsJson(argc, argv));
  } catch (const qbatch::InputError& error) {
    return complainOf({error.what()}, wantsJson(argc, argv));
  } catch (const OutputError& error) {
    complain(error.what());
    return someNotDone;
  } catch (const qbatch::RequestError& error) {
    complain(error.what());
    return failWith(nothingDone, error.what(), wantsJson(argc, argv));
  }
}

}  // namespace
}  // namespace cli

int main(int argc, char** argv) {
  // Only for the characters of the progress bar; numbers stay as in C.
  std::setlocale(LC_CTYPE, "");
  try {
    return cli::runSafely(argc, argv);
  } catch (const std::bad_alloc&) {
    cli::complain("out of memory");
  } catch (const std::exception& error) {
    cli::complain(error.what());
  }
  return cli::nothingDone;
}
