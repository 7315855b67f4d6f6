#pragma once
#include <curl/curl.h>

#include <memory>

#include "http/curl_transport.hpp"

#if LIBCURL_VERSION_NUM < 0x075700
#error "libcurl 7.87 or later is needed"
#endif

namespace qbatch::http {

struct CurlDeleter {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
struct CurlMultiDeleter {
  void operator()(CURLM* handle) const noexcept { curl_multi_cleanup(handle); }
};
struct CurlListDeleter {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, CurlDeleter>;
using MultiHandle = std::unique_ptr<CURLM, CurlMultiDeleter>;
using CurlList = std::unique_ptr<curl_slist, CurlListDeleter>;

/// Initialises libcurl, once for the process; thread-safe. It is never cleaned up again: others in the process may use it too.
/// Throws RequestError.
void initialiseCurl();

/// Throws RequestError for an option that this libcurl does not take.
void checkOption(CURLoption option, CURLcode code);
template <typename Value>
void setOption(CURL* handle, CURLoption option, Value value) {
  checkOption(option, curl_easy_setopt(handle, option, value));
}

/// For any number of exchanges one after the other. Throws RequestError.
[[nodiscard]] EasyHandle makeEasyHandle();
/// Brings the handle back to its beginning and sets all that is the same for every exchange. To be called before each: libcurl counts how
/// often it tries anew where a kept connection turns out to be dead, over all exchanges of a handle, and gives up after five times. Throws
/// RequestError.
void setUp(CURL* handle, const CurlOptions& options);
[[nodiscard]] MultiHandle makeMultiHandle(const CurlOptions& options);

/// How old an idle connection may be to be used again, in libcurl's unit: a connection counts as n seconds old until it is n + 1 seconds
/// old, so this is one less than keepAlive in whole seconds, rounded up; 1 at least.
[[nodiscard]] long maxIdleSeconds(milliseconds keepAlive) noexcept;

/// Appends to the list. Throws std::bad_alloc.
void append(CurlList& list, const char* text);

}  // namespace qbatch::http
