#include "session.hpp"

#include <filesystem>
#include <system_error>

#include "messages.hpp"
#include "qbatch/error.hpp"
#include "qbatch/local.hpp"

namespace cli {

namespace {

qbatch::ClientOptions serverOptions(const Settings& settings) {
  qbatch::ClientOptions options;
  options.url = settings.url;
  options.apiKey = settings.apiKey;
  options.tls.caFile = settings.caFile;
  options.allowKeyOverPlainHttp = settings.allowKeyOverPlainHttp;
  return options;
}

}  // namespace

void tellDefaultFile(const Settings& settings) {
  if (settings.localByDefault && !settings.quiet) {
    complain("using the file " + settings.local + " in this folder; --local FILE names another");
  }
}

std::shared_ptr<qbatch::Backend> openBackend(const Settings& settings, bool create) {
  if (!settings.url.empty()) return qbatch::makeRestBackend(serverOptions(settings));
  tellDefaultFile(settings);
  std::error_code ignored;
  const bool missing =
      settings.local != ":memory:" && std::filesystem::status(settings.local, ignored).type() == std::filesystem::file_type::not_found;
  if (missing && !create) {
    throw qbatch::RequestError(
        qbatch::Error(qbatch::Errc::collectionNotFound, qbatch::Origin::caller,
                      settings.local + " does not exist, so nothing is stored in it; check --local, or store something first"));
  }
  return qbatch::makeLocalBackend(settings.local);
}

qbatch::BatchClient openClient(const Settings& settings, const ClientNeeds& needs) {
  auto options = serverOptions(settings);
  options.collection = settings.collection;
  options.allowOtherEmbedder = settings.allowOtherEmbedder;
  if (settings.url.empty()) options.backend = openBackend(settings, needs.createFile);
  if (needs.embedder) options.embedder = settings.embedder;
  if (needs.concurrency > 0) {
    options.flow.maxInFlight = needs.concurrency;
    options.flow.adaptive = false;
  }
  if (needs.bufferedBytes > 0) options.flow.maxBufferedBytes = needs.bufferedBytes;
  return qbatch::BatchClient(options);
}

}  // namespace cli
