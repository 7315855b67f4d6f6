#include "serve/option_problems.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "serve/http_answers.hpp"
#include "serve/request_head.hpp"

namespace qbatch::serve {
namespace {

bool isPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

/// Every answer shows the id: what the server writes or what is a secret cannot be one.
bool canCarryIds(std::string_view header) {
  constexpr std::array<std::string_view, 7> others{"api-key", "authorization", "cookie", "host", "content-encoding", "vary", "set-cookie"};
  const auto name = lowerCase(header);
  return isToken(name) && !isServersOwn(name) && std::find(others.begin(), others.end(), name) == others.end();
}

}  // namespace

std::vector<std::string> problemsOf(const HttpServerOptions& options, std::string_view maxBodyBytes) {
  std::vector<std::string> problems;
  const auto require = [&](bool good, const std::string& problem) {
    if (!good) problems.push_back(problem);
  };
  constexpr std::size_t mostBytes = std::size_t{1} << 30, mostHeadBytes = std::size_t{1} << 20, mostThreads = 1024, mostConnections = 65536;
  require(!options.host.empty(), "host: a name or an address to listen on is needed, for example 127.0.0.1");
  require(isPlain(options.host), "host: it must not have spaces or characters outside ASCII in it");
  require(isPlain(options.apiKey), "apiKey: it must not have spaces or characters outside ASCII in it, which no header could carry");
  require(options.maxBodyBytes > 0 && options.maxBodyBytes <= mostBytes, std::string(maxBodyBytes) + ": it must be from 1 byte to 1 GiB");
  require(options.maxHeadBytes > 0 && options.maxHeadBytes <= mostHeadBytes, "maxHeadBytes: it must be from 1 byte to 1 MiB");
  require(options.threads <= mostThreads, "threads: there can be at most 1024");
  require(options.maxConnections > 0 && options.maxConnections <= mostConnections, "maxConnections: it must be from 1 to 65536");
  constexpr std::chrono::milliseconds none{0}, most = std::chrono::hours(24 * 365);
  require(options.requestTimeout > none && options.requestTimeout <= most, "requestTimeout: it must be from 1 ms to 365 days");
  require(options.idleTimeout > none && options.idleTimeout <= most, "idleTimeout: it must be from 1 ms to 365 days");
  require(options.grace >= none && options.grace <= most, "grace: it must be from 0 to 365 days");
  for (const auto& host : options.allowedHosts) {
    require(!host.empty() && isPlain(host), "allowedHosts: each must be a host's name as it stands in a URL, or *");
  }
  for (const auto& path : options.openPaths) {
    require(path.starts_with('/') && isPlain(path) && path.find('?') == std::string::npos,
            "openPaths: each must be a path that begins with /, as it stands in a URL, without a query");
  }
  require(options.idHeader.empty() || canCarryIds(options.idHeader),
          "idHeader: it must be a header's name that nothing else needs, for example x-request-id");
  return problems;
}

}  // namespace qbatch::serve
