#pragma once
#include <curl/curl.h>

#include <cstddef>
#include <string>

#include "http/curl_transport.hpp"
#include "http/transport.hpp"
#include "http/url.hpp"

namespace qbatch::http {

/// How far an exchange got, and what libcurl said of its end.
struct ExchangeFacts {
  Url server{};
  CURLcode code = CURLE_OK;
  std::string text{};          ///< libcurl's own sentence; may be empty
  int systemError = 0;         ///< errno of the failed connection; 0: unknown
  int proxyStatus = 0;         ///< what a proxy said to CONNECT; 0: nothing
  int status = 0;              ///< of the answer; 0: none came
  bool waiting = false;        ///< it still waited for its turn
  bool connected = false;      ///< a connection to the server (or to the proxy before it) was had
  bool newConnection = false;  ///< it was made for this exchange
  bool sent = false;           ///< bytes of the request have left
  std::size_t bodySize = 0, bodySent = 0;
};

/// What `facts.code`, which must not be CURLE_OK, means.
[[nodiscard]] Fault faultOf(const ExchangeFacts& facts, const CurlOptions& options);

/// What it means that we ended the exchange ourselves, `kind` being cancelled, deadline or idle.
[[nodiscard]] Fault endedFault(Fault::Kind kind, const ExchangeFacts& facts, const CurlOptions& options);

/// `what` is "answer" or "answer's head".
[[nodiscard]] Fault tooLargeFault(const char* what, std::size_t allowedBytes, const ExchangeFacts& facts);

/// The request itself cannot be sent; `problem` is the sentence.
[[nodiscard]] Fault unusableFault(std::string problem);

}  // namespace qbatch::http
