#pragma once
#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <string>

#include "http/answer_buffer.hpp"
#include "http/curl_faults.hpp"
#include "http/curl_setup.hpp"
#include "http/curl_transport.hpp"
#include "http/transport.hpp"
#include "http/url.hpp"

namespace qbatch::http {

/// One exchange over one of libcurl's handles, and then the next. Belongs to one thread; stays where it is in memory.
class CurlExchange {
 public:
  /// `options` has to outlive it. Throws RequestError.
  explicit CurlExchange(const CurlOptions& options);
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;
  ~CurlExchange() = default;

  /// To be added to a multi handle after begin(), and removed before finish(), end() or the destructor.
  [[nodiscard]] CURL* handle() const noexcept { return easy_.get(); }

  /// Gets everything ready. A Fault of another kind than none: the request cannot be sent, and nothing is to be finished.
  [[nodiscard]] Fault begin(Request request, Url server);
  /// True where bytes have moved since it was asked last, or the request has not begun to be sent.
  [[nodiscard]] bool moved();
  /// What came of it when libcurl has ended it.
  [[nodiscard]] Response finish(CURLcode code);
  /// What there is when we end it: cancelled, deadline or idle.
  [[nodiscard]] Response end(Fault::Kind kind);

 private:
  struct Callbacks;
  void setCallbacks();
  [[nodiscard]] Fault setHeaders();
  void setMethod();
  void setServer();
  [[nodiscard]] ExchangeFacts facts(CURLcode code) const;
  void regardFirstCopy(ExchangeFacts& facts) const;
  [[nodiscard]] Response takeResponse(const ExchangeFacts& facts);
  [[nodiscard]] curl_off_t bytesMoved() const noexcept;

  const CurlOptions& options_;
  EasyHandle easy_;
  std::array<char, CURL_ERROR_SIZE> error_{}, tlsWords_{};
  CurlList headers_;
  Request request_;
  Url server_;
  AnswerBuffer answer_;
  bool begun_ = false;        // the request is being sent
  bool reused_ = false;       // over a connection that was kept
  bool resent_ = false;       // libcurl was about to send it again
  std::size_t uploaded_ = 0;  // of the body, by the first copy, as far as seen
  bool outOfMemory_ = false;  // seen by a callback
  curl_off_t bytesSeen_ = 0;  // by moved()
};

}  // namespace qbatch::http
