#include <cstdio>
#include <string>

#include "commands.hpp"
#include "interrupt.hpp"
#include "messages.hpp"
#include "qbatch/error.hpp"
#include "qbatch/payload.hpp"
#include "result_text.hpp"
#ifdef QBATCH_WITH_SERVE
#include "qbatch/local_server.hpp"
#endif

namespace cli {

#ifdef QBATCH_WITH_SERVE
namespace {

qbatch::LocalServer listen(const LocalServerArguments& arguments, const Settings& settings) {
  qbatch::LocalServerOptions options{.file = settings.local, .host = arguments.host, .port = arguments.port};
  options.apiKey = arguments.apiKey ? *arguments.apiKey : environmentVariable("QBATCH_LOCAL_SERVER_KEY").value_or("");
  options.allowUnprotected = arguments.allowUnprotected;
  try {
    return qbatch::LocalServer(options);
  } catch (const qbatch::ConfigError& error) {
    throw qbatch::ConfigError(inListenOptions(error.problems(), "--api-key"));
  }
}

/// The URL stands on stdout, alone on its line, for scripts that had a free port chosen.
void announce(const qbatch::LocalServer& server, const Settings& settings) {
  const std::string url = server.url();
  if (!settings.quiet) complain("listening on " + url + " (file " + settings.local + ")");
  print(settings.json ? std::string(qbatch::Payload{{"url", url}, {"file", settings.local}}.json()) + "\n" : url + "\n");
}

}  // namespace

ExitCode runCommand(const LocalServerArguments& arguments, const Context& context) {
  tellDefaultFile(context.settings);
  auto server = listen(arguments, context.settings);
  announce(server, context.settings);
  waitFor(context.stop);
  server.stop();
  return allDone;
}
#else
ExitCode runCommand(const LocalServerArguments&, const Context&) {
  throw qbatch::RequestError(qbatch::Error(
      qbatch::Errc::unsupported, qbatch::Origin::caller,
      "this qbatch was built without local-server: build it with QBATCH_WITH_SERVE=ON, or work on the file itself with --local FILE"));
}
#endif

}  // namespace cli
