#include "rest/server_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include "http/curl_transport.hpp"
#include "http/url.hpp"
#include "rest/rest_backend.hpp"

namespace qbatch::rest {

namespace {

using Problems = std::vector<std::string>;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

// What HTTP allows in a header's value, less what people never mean.
bool fitsHeader(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

std::optional<http::Url> checkedUrl(Problems& problems, const std::string& field, const std::string& text) {
  try {
    return http::parseUrl(text);
  } catch (const ParseError& error) {
    problems.push_back(fmt::format("{}: {}", field, error.what()));
    return std::nullopt;
  }
}

bool sendsKey(const ClientOptions& options) {
  const auto& headers = options.rest.headers;
  return !options.apiKey.empty() || options.rest.bearerToken || std::any_of(headers.begin(), headers.end(), [](const auto& header) {
    const auto name = lower(header.first);
    return name == "api-key" || name == "authorization";
  });
}

void checkUrls(Problems& problems, const ClientOptions& options) {
  std::vector<std::pair<std::string, std::string>> all = {{"url", options.url}};
  for (std::size_t i = 0; i < options.endpoints.size(); ++i) all.emplace_back(fmt::format("endpoints[{}]", i), options.endpoints[i]);
  for (const auto& [field, text] : all) {
    const auto url = checkedUrl(problems, field, text);
    if (!url || url->scheme == "https" || url->loopback || options.allowKeyOverPlainHttp || !sendsKey(options)) continue;
    problems.push_back(
        fmt::format("{}: the API key would go to {} in the clear; use https, or set allowKeyOverPlainHttp", field, url->host));
  }
}

void checkHeaders(Problems& problems, const ClientOptions& options) {
  if (!fitsHeader(options.apiKey)) problems.emplace_back("apiKey: has a line break or another control character in it");
  if (!options.apiKey.empty() && options.rest.bearerToken)
    problems.emplace_back("apiKey and rest.bearerToken: they contradict each other; set one of them");
  for (const auto& [name, value] : options.rest.headers) {
    if (!http::isToken(name)) problems.push_back(fmt::format("rest.headers: `{}` cannot be a header's name", name));
    if (!fitsHeader(value)) problems.push_back(fmt::format("rest.headers: the value of `{}` has a control character in it", name));
    if (const auto known = lower(name);
        known == "content-length" || known == "content-encoding" || known == "transfer-encoding" || known == "host")
      problems.push_back(fmt::format("rest.headers: `{}` is set by the library itself", name));
  }
  if (!fitsHeader(options.rest.userAgent)) problems.emplace_back("rest.userAgent: has a control character in it");
}

void checkFile(Problems& problems, std::string_view field, const std::string& file) {
  if (!file.empty() && !std::ifstream(file).good()) problems.push_back(fmt::format("{}: the file `{}` cannot be read", field, file));
}

void checkTls(Problems& problems, const TlsOptions& tls) {
  checkFile(problems, "tls.caFile", tls.caFile);
  checkFile(problems, "tls.clientCertificate", tls.clientCertificate);
  checkFile(problems, "tls.clientKey", tls.clientKey);
  if (!tls.clientKey.empty() && tls.clientCertificate.empty())
    problems.emplace_back("tls.clientKey: belongs to a certificate; set tls.clientCertificate, too");
}

bool isConsistency(std::string_view word) {
  if (word.empty() || word == "majority" || word == "quorum" || word == "all") return true;
  return word.size() < 10 && word.front() != '0' && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void checkRest(Problems& problems, const RestOptions& rest) {
  if (rest.connectTimeout.count() <= 0) problems.emplace_back("rest.connectTimeout: must be above 0");
  if (rest.idleTimeout.count() < 0) problems.emplace_back("rest.idleTimeout: must not be negative; 0 is never");
  if (rest.serverTimeout.count() < 0) problems.emplace_back("rest.serverTimeout: must not be negative; 0 is the server's own");
  if (rest.maxResponseBytes == 0) problems.emplace_back("rest.maxResponseBytes: must be at least 1");
  if (rest.connections > 1000) problems.emplace_back("rest.connections: at most 1000");
  if (!isConsistency(rest.consistency))
    problems.push_back(
        fmt::format("rest.consistency: `{}` is none of \"majority\", \"quorum\", \"all\" and a number of replicas", rest.consistency));
}

// What is set although there is no server that it could be for.
void checkUnused(Problems& problems, const ClientOptions& options) {
  const auto unused = [&](std::string_view field, bool set) {
    if (set) problems.push_back(fmt::format("{}: belongs to url, which is not set", field));
  };
  const auto& rest = options.rest;
  unused("endpoints", !options.endpoints.empty());
  unused("apiKey", !options.apiKey.empty());
  unused("allowKeyOverPlainHttp", options.allowKeyOverPlainHttp);
  unused("tls",
         !options.tls.caFile.empty() || !options.tls.clientCertificate.empty() || !options.tls.clientKey.empty() || !options.tls.verify);
  unused("rest", rest.ordering != WriteOrdering::serverDefault || !rest.consistency.empty() || !rest.shardKey.empty() ||
                     rest.serverTimeout.count() != 0 || !rest.headers.empty() || rest.bearerToken || !rest.proxy.empty() ||
                     !rest.userAgent.empty() || rest.connections != 0 || rest.gzipFrom != 0);
}

}  // namespace

void checkServerOptions(Problems& problems, const ClientOptions& options) {
  if (options.url.empty()) return checkUnused(problems, options);
  checkUrls(problems, options);
  checkHeaders(problems, options);
  checkTls(problems, options.tls);
  checkRest(problems, options.rest);
}

std::shared_ptr<Backend> connect(const ClientOptions& options, std::function<void(std::function<void()>)> post) {
  ChannelOptions channel;
  channel.urls.push_back(http::parseUrl(options.url).text());
  for (const auto& endpoint : options.endpoints) channel.urls.push_back(http::parseUrl(endpoint).text());
  channel.apiKey = options.apiKey;
  channel.rest = options.rest;
  channel.log = options.log;
  channel.post = std::move(post);
  http::CurlOptions transport;
  transport.connectTimeout = options.rest.connectTimeout;
  transport.idleTimeout = options.rest.idleTimeout;
  transport.connections = options.rest.connections != 0 ? options.rest.connections : options.flow.maxInFlight;
  transport.tls = options.tls;
  transport.proxy = options.rest.proxy;
  transport.userAgent = options.rest.userAgent;
  return std::make_shared<RestBackend>(std::move(channel), http::makeCurlTransport(std::move(transport)));
}

}  // namespace qbatch::rest
