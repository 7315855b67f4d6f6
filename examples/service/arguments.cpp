#include "arguments.hpp"

#include <CLI/CLI.hpp>
#include <optional>

#include "argument_values.hpp"
#include "qbatch/version.hpp"

namespace service {
namespace {

/// The options as written.
struct Written {
  cli::GlobalArguments global{};
  std::optional<std::string> listen{}, serviceKey{}, state{}, maxPatterns{}, maxQueries{}, maxUpdates{}, maxHits{}, maxBody{},
      maxConnections{};
  std::optional<std::string> requestTimeout{}, headTimeout{}, drainDelay{}, grace{};
  std::vector<std::string> allowedHosts{};
  bool allowUnprotected = false, noAccessLog = false, version = false;
};

void declare(CLI::App& app, Written& written) {
  app.set_help_flag("-h,--help", "Print this help");
  app.add_flag("--version", written.version, "Print the version");
  app.add_option("--listen", written.listen, "Where to listen; default: 127.0.0.1:8003")->type_name("HOST:PORT");
  app.add_option("--url", written.global.url, "Work on the Qdrant server at this address [QDRANT_URL]")->type_name("URL");
  app.add_option("--api-key", written.global.apiKey, "The Qdrant server's key; better in the environment [QDRANT_API_KEY]")
      ->type_name("KEY");
  app.add_option("--ca-file", written.global.caFile, "Certificates of the authorities to trust, for https")->type_name("FILE");
  app.add_flag("--allow-key-over-plain-http", written.global.allowKeyOverPlainHttp, "Send the key without TLS to another machine");
  app.add_option("--local", written.global.local,
                 "Keep the data in this file, or in memory [QBATCH_LOCAL]; default: qbatch.db in this folder")
      ->type_name("FILE|:memory:");
  app.add_option("--collection", written.global.collection, "The collection of requests that name none; default: patterns")
      ->type_name("NAME");
  app.add_option("--embedder", written.global.embedder, "hashing or hashing:DIM [QBATCH_EMBEDDER]; default: hashing")->type_name("SPEC");
  app.add_flag("--allow-other-embedder", written.global.allowOtherEmbedder, "Work on a collection that another embedder filled");
  app.add_option("--service-key", written.serviceKey, "Requests must carry it; better in the environment [QBATCH_SERVICE_KEY]")
      ->type_name("KEY");
  app.add_flag("--allow-unprotected", written.allowUnprotected, "Listen for other machines without a key");
  app.add_option("--allow-host", written.allowedHosts, "A name that requests' Host header may have, beside loopback ones; * is any")
      ->type_name("NAME");
  app.add_option("--state", written.state, "Where answers by Idempotency-Key are kept for 24 hours; default: in memory")->type_name("FILE");
  app.add_option("--max-patterns", written.maxPatterns, "Patterns (and ids) a request; default: 1000")->type_name("N");
  app.add_option("--max-queries", written.maxQueries, "Queries a request; default: 100")->type_name("N");
  app.add_option("--max-updates", written.maxUpdates, "Updates a request; default: 500")->type_name("N");
  app.add_option("--max-hits", written.maxHits, "Hits that a search may ask for, queries times limit; default: 10000")->type_name("N");
  app.add_option("--max-body", written.maxBody, "MiB of a request's body; default: 32")->type_name("MIB");
  app.add_option("--max-connections", written.maxConnections, "Connections at once; further ones wait; default: 256")->type_name("N");
  app.add_option("--request-timeout", written.requestTimeout, "Seconds that carrying out a request may take; default: 120")->type_name("S");
  app.add_option("--head-timeout", written.headTimeout, "Seconds for a request's head and for each silence in its body; default: 30")
      ->type_name("S");
  app.add_option("--drain-delay", written.drainDelay, "Seconds to go on after SIGTERM with /readyz saying no; default: 0")->type_name("S");
  app.add_option("--grace", written.grace, "Seconds for running requests when the service stops; default: 30")->type_name("S");
  app.add_flag("--no-access-log", written.noAccessLog, "No line a request on stderr");
  app.add_flag("--quiet", written.global.quiet, "No notices on stderr; errors and the access log stay");
  app.footer(
      "Examples:\n"
      "  qbatch-service --local patterns.db --state answers.db\n"
      "  QDRANT_URL=http://localhost:6333 qbatch-service --listen 0.0.0.0:8003 --service-key SECRET\n"
      "The endpoints are described at /openapi.json. SIGTERM or Ctrl-C stops in good order, a second Ctrl-C at once.\n"
      "Exit: 0 stopped as asked, 2 usage or configuration, 3 store, state or address cannot be had");
}

void parse(CLI::App& app, int argc, const char* const* argv, const Written& written, std::vector<std::string>& problems) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    throw TextRequested(app.help());
  } catch (const CLI::ParseError& error) {
    problems.push_back(error.what());
  }
  if (written.version) throw TextRequested("qbatch-service " + std::string(qbatch::version()) + "\n");
}

void secondsOrNone(cli::ArgumentValues& values, const std::string& option, const std::optional<std::string>& text,
                   std::chrono::milliseconds& value) {
  if (text == "0") {
    value = {};
  } else {
    values.seconds(option, text, value);
  }
}

void readHttp(const Written& written, cli::ArgumentValues& values, qbatch::HttpServerOptions& http, std::vector<std::string>& problems) {
  cli::LocalServerArguments address{.host = "127.0.0.1", .port = 8003};
  values.listen("--listen", written.listen, address);
  http.host = address.host;
  http.port = address.port;
  http.apiKey = written.serviceKey ? *written.serviceKey : cli::environmentVariable("QBATCH_SERVICE_KEY").value_or("");
  if (written.serviceKey && written.serviceKey->empty()) problems.emplace_back("--service-key: the key is empty");
  http.allowedHosts = written.allowedHosts;
  http.allowUnprotected = written.allowUnprotected;
  std::size_t mebibytes = 32;
  values.wholeNumber("--max-body", written.maxBody, 1, 1024, mebibytes);
  http.maxBodyBytes = mebibytes << 20;
  http.maxConnections = 256;
  values.wholeNumber("--max-connections", written.maxConnections, 1, 65536, http.maxConnections);
  http.requestTimeout = std::chrono::seconds(30);
  values.seconds("--head-timeout", written.headTimeout, http.requestTimeout);
  http.grace = std::chrono::seconds(30);
  secondsOrNone(values, "--grace", written.grace, http.grace);
}

}  // namespace

ServiceSettings readArguments(int argc, const char* const* argv, std::vector<std::string>& problems) {
  CLI::App app{"qbatch behind HTTP: many patterns, queries or updates a request, with the truth about each", "qbatch-service"};
  Written written;
  declare(app, written);
  parse(app, argc, argv, written, problems);
  ServiceSettings settings;
  cli::ArgumentValues values(problems);
  readHttp(written, values, settings.http, problems);
  settings.work = cli::makeSettings(written.global, problems);
  constexpr std::size_t most = 100000;
  values.wholeNumber("--max-patterns", written.maxPatterns, 1, most, settings.limits.store);
  values.wholeNumber("--max-queries", written.maxQueries, 1, most, settings.limits.search);
  values.wholeNumber("--max-updates", written.maxUpdates, 1, most, settings.limits.update);
  values.wholeNumber("--max-hits", written.maxHits, 1, 1000 * most, settings.maxHits);
  values.seconds("--request-timeout", written.requestTimeout, settings.requestTime);
  secondsOrNone(values, "--drain-delay", written.drainDelay, settings.drainDelay);
  settings.accessLog = !written.noAccessLog;
  if (written.state) settings.state = *written.state;
  if (settings.state.empty()) problems.emplace_back("--state: the file's name is empty");
  return settings;
}

}  // namespace service
