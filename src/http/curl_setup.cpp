#include "http/curl_setup.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <new>
#include <string>

#include "qbatch/error.hpp"
#include "qbatch/version.hpp"

namespace qbatch::http {
namespace {

// Few large pieces cost less than many small ones where bodies are megabytes.
constexpr long sendBufferBytes = 256L << 10;
constexpr long receiveBufferBytes = 64L << 10;

[[noreturn]] void fail(std::string message) { throw RequestError(Error(Errc::internal, Origin::transport, std::move(message))); }

long wholeMilliseconds(milliseconds time) noexcept { return static_cast<long>(std::clamp<milliseconds::rep>(time.count(), 0, INT_MAX)); }

/// Programs that the process starts shall not inherit its connections.
int closeOnExec(void*, curl_socket_t socket, curlsocktype) {
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  return CURL_SOCKOPT_OK;
}

void setConnecting(CURL* handle, const CurlOptions& options) {
  setOption(handle, CURLOPT_NOSIGNAL, 1L);
  setOption(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  setOption(handle, CURLOPT_FOLLOWLOCATION, 0L);
  // 0 would mean libcurl's own five minutes.
  setOption(handle, CURLOPT_CONNECTTIMEOUT_MS, std::max(wholeMilliseconds(options.connectTimeout), 1L));
  setOption(handle, CURLOPT_TCP_NODELAY, 1L);
  setOption(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  setOption(handle, CURLOPT_TCP_KEEPIDLE, 30L);
  setOption(handle, CURLOPT_TCP_KEEPINTVL, 15L);
  setOption(handle, CURLOPT_MAXAGE_CONN, maxIdleSeconds(options.keepAlive));
  setOption(handle, CURLOPT_FORBID_REUSE, options.keepAlive.count() <= 0 ? 1L : 0L);
  setOption(handle, CURLOPT_SOCKOPTFUNCTION, &closeOnExec);
  // Otherwise giving up while a name is being resolved would wait for the resolver, seconds perhaps, and all other exchanges with it.
  setOption(handle, CURLOPT_QUICK_EXIT, 1L);
}

void setTls(CURL* handle, const TlsOptions& tls) {
  setOption(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  setOption(handle, CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  setOption(handle, CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  if (!tls.caFile.empty()) {
    // This authority instead of the system's, not beside them.
    setOption(handle, CURLOPT_CAINFO, tls.caFile.c_str());
    setOption(handle, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (!tls.clientCertificate.empty()) setOption(handle, CURLOPT_SSLCERT, tls.clientCertificate.c_str());
  if (!tls.clientKey.empty()) setOption(handle, CURLOPT_SSLKEY, tls.clientKey.c_str());
  // Without any password OpenSSL would ask for one at the terminal.
  setOption(handle, CURLOPT_KEYPASSWD, "");
}

void setHttp(CURL* handle, const CurlOptions& options) {
  // A libcurl built without HTTP/2 refuses this and stays with HTTP/1.1.
  (void)curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  const std::string agent = options.userAgent.empty() ? fmt::format("qbatch/{}", version()) : options.userAgent;
  setOption(handle, CURLOPT_USERAGENT, agent.c_str());
  setOption(handle, CURLOPT_UPLOAD_BUFFERSIZE, sendBufferBytes);
  // Refused where a failed exchange has left its buffer, which is then used again.
  (void)curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, receiveBufferBytes);
  setOption(handle, CURLOPT_PATH_AS_IS, 1L);
  setOption(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

}  // namespace

void initialiseCurl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) fail(fmt::format("libcurl cannot be initialised: {}", curl_easy_strerror(code)));
}

void checkOption(CURLoption option, CURLcode code) {
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLE_OK)
    fail(fmt::format("libcurl {} does not take the option {}: {}", curl_version(), int{option}, curl_easy_strerror(code)));
}

EasyHandle makeEasyHandle() {
  EasyHandle handle(curl_easy_init());
  if (!handle) fail("libcurl gives no handle for an exchange");
  return handle;
}

void setUp(CURL* handle, const CurlOptions& options) {
  curl_easy_reset(handle);
  setConnecting(handle, options);
  setTls(handle, options.tls);
  setHttp(handle, options);
}

MultiHandle makeMultiHandle(const CurlOptions& options) {
  MultiHandle handle(curl_multi_init());
  if (!handle) fail("libcurl gives no handle for its exchanges");
  const auto places = static_cast<long>(std::clamp<std::size_t>(options.connections, 1, INT_MAX));
  curl_multi_setopt(handle.get(), CURLMOPT_MAX_HOST_CONNECTIONS, places);
  // By itself libcurl keeps four for each exchange under way, and so throws most of them away when a call ends.
  curl_multi_setopt(handle.get(), CURLMOPT_MAXCONNECTS, std::min<long>(4 * places, INT_MAX));
  return handle;
}

long maxIdleSeconds(milliseconds keepAlive) noexcept {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(keepAlive).count();
  return static_cast<long>(std::clamp<std::chrono::seconds::rep>(seconds - 1, 1, INT_MAX));
}

void append(CurlList& list, const char* text) {
  curl_slist* longer = curl_slist_append(list.get(), text);
  if (!longer) throw std::bad_alloc();
  (void)list.release();
  list.reset(longer);
}

}  // namespace qbatch::http
