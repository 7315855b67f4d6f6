// qbatch-service: the library behind HTTP, for programs in any language. Reads the arguments, starts the service, and stops it in good
// order.
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "interrupt.hpp"
#include "messages.hpp"
#include "qbatch/error.hpp"
#include "service.hpp"

namespace service {
namespace {

enum ExitCode : int { stopped = 0, badUsage = 2, notStarted = 3 };

int complainOf(const std::vector<std::string>& problems) {
  for (const auto& problem : problems) cli::complain(problem);
  return badUsage;
}

/// The URL stands on stdout, alone on its line, for scripts that had a free port chosen.
void announce(const Service& service, const ServiceSettings& settings) {
  const auto& work = settings.work;
  if (!work.quiet) {
    cli::complain("listening on " + service.url() + (work.url.empty() ? " (file " + work.local + ")" : " (server " + work.url + ")"));
    if (settings.state == ":memory:")
      cli::complain("answers by Idempotency-Key are kept in memory, 64 MiB of them; --state FILE keeps them over a restart");
  }
  std::puts(service.url().c_str());
  std::fflush(stdout);
}

int run(int argc, const char* const* argv) {
  std::vector<std::string> problems;
  const auto settings = readArguments(argc, argv, problems);
  if (!problems.empty()) return complainOf(problems);
  const cli::Interrupt interrupt;
  Service service(settings);
  service.start();
  announce(service, settings);
  cli::waitFor(interrupt.token());
  if (!settings.work.quiet) cli::complain("stopping: requests under way are answered");
  service.drain();
  return stopped;
}

/// What the library says of its options in the words of this program's.
std::vector<std::string> inOptions(std::vector<std::string> problems) {
  const auto replace = [](std::string& text, std::string_view what, std::string_view by) {
    if (const auto at = text.find(what); at != std::string::npos) text.replace(at, what.size(), by);
  };
  for (auto& problem : problems) {
    replace(problem, "an apiKey", "a --service-key");
    replace(problem, "allowedHosts", "--allow-host");
    replace(problem, "requestTimeout", "--head-timeout");
    replace(problem, "grace:", "--grace:");
  }
  return cli::inListenOptions(std::move(problems), "--service-key");
}

int runSafely(int argc, const char* const* argv) {
  try {
    return run(argc, argv);
  } catch (const TextRequested& request) {
    std::fputs(request.what(), stdout);
    return stopped;
  } catch (const qbatch::ConfigError& error) {
    return complainOf(inOptions(error.problems()));
  } catch (const std::exception& error) {
    cli::complain(error.what());
    return notStarted;
  }
}

}  // namespace
}  // namespace service

int main(int argc, char** argv) {
  cli::complainAs("qbatch-service");
  // Who reads the log may go away; that is no reason to stop.
  std::signal(SIGPIPE, SIG_IGN);
  return service::runSafely(argc, argv);
}
