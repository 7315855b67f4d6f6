#include "http/curl_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <string_view>
#include <utility>

namespace qbatch::http {
namespace {

// Up to this size libcurl sends a body together with the head, and counts it there too.
constexpr std::size_t sentWithHead = 64u << 10;

bool isHeaderValue(std::string_view text) noexcept { return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos; }

bool named(const Header& header, std::string_view name) noexcept {
  return std::equal(header.name.begin(), header.name.end(), name.begin(), name.end(),
                    [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

curl_off_t number(CURL* handle, CURLINFO what) noexcept {
  curl_off_t value = 0;
  curl_easy_getinfo(handle, what, &value);
  return value;
}

long smallNumber(CURL* handle, CURLINFO what) noexcept {
  long value = 0;
  curl_easy_getinfo(handle, what, &value);
  return value;
}

std::size_t size(curl_off_t value) noexcept { return value > 0 ? static_cast<std::size_t>(value) : 0; }

/// Whether CURLINFO_REQUEST_SIZE counts all bodies and not only those that left together with the head.
bool countsBodies() noexcept {
  static const bool result = curl_version_info(CURLVERSION_NOW)->version_num >= 0x080700;
  return result;
}

}  // namespace

struct CurlExchange::Callbacks {
  static std::size_t header(char* bytes, std::size_t, std::size_t length, void* self) noexcept {
    auto& exchange = *static_cast<CurlExchange*>(self);
    try {
      return exchange.answer_.addHeaderLine({bytes, length}) ? length : 0;
    } catch (const std::bad_alloc&) {
      exchange.outOfMemory_ = true;
      return 0;
    }
  }

  static std::size_t body(char* bytes, std::size_t, std::size_t length, void* self) noexcept {
    auto& exchange = *static_cast<CurlExchange*>(self);
    try {
      const auto announced = size(number(exchange.easy_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T));
      // Anything but the length is an error.
      return exchange.answer_.addBody({bytes, length}, announced) ? length : length + 1;
    } catch (const std::bad_alloc&) {
      exchange.outOfMemory_ = true;
      return length + 1;
    }
  }

  /// libcurl keeps its first sentence only, and that may be about a lesser trouble (the end of an old connection, an address that cannot be
  /// had any more) than what TLS has against the server, or the server against us.
  static int trace(CURL*, curl_infotype type, char* bytes, std::size_t length, void* self) noexcept {
    const std::string_view text(bytes, length);
    const auto has = [text](std::string_view part) { return text.find(part) != std::string_view::npos; };
    const bool alert = has("SSL routines") && has(" alert ");
    if (type != CURLINFO_TEXT || !(alert || text.starts_with("SSL certificate problem: ") || text.starts_with("SSL: "))) return 0;
    auto& kept = static_cast<CurlExchange*>(self)->tlsWords_;
    kept[text.substr(0, text.find('\n')).copy(kept.data(), kept.size() - 1)] = '\0';
    return 0;
  }

  static int begin(void* self, char*, char*, int, int) noexcept {
    auto& exchange = *static_cast<CurlExchange*>(self);
    // Where a kept connection dies without an answer, libcurl would send a second copy: the first may have been acted on.
    if (exchange.begun_) {
      exchange.resent_ = true;
      return CURL_PREREQFUNC_ABORT;
    }
    exchange.begun_ = true;
    exchange.reused_ = smallNumber(exchange.easy_.get(), CURLINFO_NUM_CONNECTS) == 0;
    return CURL_PREREQFUNC_OK;
  }

  static int progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t uploaded) noexcept {
    auto& exchange = *static_cast<CurlExchange*>(self);
    exchange.uploaded_ = std::max(exchange.uploaded_, size(uploaded));
    return 0;
  }
};

CurlExchange::CurlExchange(const CurlOptions& options) : options_(options), easy_(makeEasyHandle()) {
  setUp(easy_.get(), options_);  // so that what cannot be set shows here
}

void CurlExchange::setCallbacks() {
  CURL* handle = easy_.get();
  setOption(handle, CURLOPT_ERRORBUFFER, error_.data());
  setOption(handle, CURLOPT_HEADERFUNCTION, &Callbacks::header);
  setOption(handle, CURLOPT_HEADERDATA, static_cast<void*>(this));
  setOption(handle, CURLOPT_WRITEFUNCTION, &Callbacks::body);
  setOption(handle, CURLOPT_WRITEDATA, static_cast<void*>(this));
  setOption(handle, CURLOPT_DEBUGFUNCTION, &Callbacks::trace);
  setOption(handle, CURLOPT_DEBUGDATA, static_cast<void*>(this));
  setOption(handle, CURLOPT_PREREQFUNCTION, &Callbacks::begin);
  setOption(handle, CURLOPT_PREREQDATA, static_cast<void*>(this));
  setOption(handle, CURLOPT_NOPROGRESS, 0L);
  setOption(handle, CURLOPT_XFERINFOFUNCTION, &Callbacks::progress);
  setOption(handle, CURLOPT_XFERINFODATA, static_cast<void*>(this));
}

Fault CurlExchange::begin(Request request, Url server) {
  request_ = std::move(request);
  server_ = std::move(server);
  error_[0] = tlsWords_[0] = '\0';
  begun_ = reused_ = resent_ = outOfMemory_ = false;
  bytesSeen_ = 0;
  uploaded_ = 0;
  answer_.begin(request_.maxResponseBytes);
  if (!isToken(request_.method)) return unusableFault(fmt::format("`{}` is no HTTP method", request_.method));
  setUp(easy_.get(), options_);
  setCallbacks();
  if (auto fault = setHeaders(); fault.kind != Fault::Kind::none) return fault;
  setOption(easy_.get(), CURLOPT_URL, request_.url.c_str());
  setMethod();
  setServer();
  return {};
}

Fault CurlExchange::setHeaders() {
  CurlList list;
  bool type = false, expect = false;
  for (const auto& header : request_.headers) {
    if (!isToken(header.name)) return unusableFault(fmt::format("`{}` is no name for a header", header.name));
    if (!isHeaderValue(header.value))
      return unusableFault(
          fmt::format("the header {} has a value with a line break or a null byte in it; check where the value comes from", header.name));
    // With a semicolon libcurl sends a header without a value; with a colon it would leave the header out.
    append(list, header.value.empty() ? (header.name + ";").c_str() : fmt::format("{}: {}", header.name, header.value).c_str());
    type = type || named(header, "Content-Type");
    expect = expect || named(header, "Expect");
  }
  // What libcurl would add by itself.
  if (!type) append(list, "Content-Type:");
  if (!expect) append(list, "Expect:");
  setOption(easy_.get(), CURLOPT_HTTPHEADER, list.get());
  headers_ = std::move(list);
  return {};
}

void CurlExchange::setMethod() {
  CURL* handle = easy_.get();
  const std::string& method = request_.method;
  const bool sends = request_.body || method == "POST" || method == "PUT" || method == "PATCH";
  if (sends) {
    const std::string_view body = request_.body ? std::string_view(*request_.body) : std::string_view("");
    setOption(handle, CURLOPT_POST, 1L);
    setOption(handle, CURLOPT_POSTFIELDS, body.data());  // not copied
    setOption(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  } else if (method == "HEAD") {
    setOption(handle, CURLOPT_NOBODY, 1L);
  }
  setOption(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
}

void CurlExchange::setServer() {
  CURL* handle = easy_.get();
  // Within a machine packing costs more than it saves, and a proxy would be another machine.
  if (!server_.loopback) setOption(handle, CURLOPT_ACCEPT_ENCODING, "gzip");
  if (server_.loopback) {
    setOption(handle, CURLOPT_PROXY, "");
  } else if (!options_.proxy.empty()) {
    setOption(handle, CURLOPT_PROXY, options_.proxy.c_str());
    setOption(handle, CURLOPT_NOPROXY, "");  // a proxy that is given in so many words is used whatever no_proxy says
  }
  if (server_.scheme == "https") setOption(handle, CURLOPT_VERBOSE, 1L);  // for trace(); nothing is printed
}

curl_off_t CurlExchange::bytesMoved() const noexcept {
  CURL* handle = easy_.get();
  return number(handle, CURLINFO_SIZE_UPLOAD_T) + number(handle, CURLINFO_SIZE_DOWNLOAD_T) + smallNumber(handle, CURLINFO_REQUEST_SIZE) +
         smallNumber(handle, CURLINFO_HEADER_SIZE);
}

bool CurlExchange::moved() {
  if (!begun_) return true;
  const auto bytes = bytesMoved();
  return std::exchange(bytesSeen_, bytes) != bytes;
}

ExchangeFacts CurlExchange::facts(CURLcode code) const {
  CURL* handle = easy_.get();
  ExchangeFacts facts;
  facts.server = server_;
  facts.code = code;
  facts.text = tlsWords_[0] != '\0' ? tlsWords_.data() : error_.data();
  facts.systemError = static_cast<int>(smallNumber(handle, CURLINFO_OS_ERRNO));
  facts.proxyStatus = static_cast<int>(smallNumber(handle, CURLINFO_HTTP_CONNECTCODE));
  facts.status = static_cast<int>(smallNumber(handle, CURLINFO_RESPONSE_CODE));
  if (facts.status < 200 && code != CURLE_OK) facts.status = 0;          // "100 Continue" is no answer
  facts.newConnection = smallNumber(handle, CURLINFO_NUM_CONNECTS) > 0;  // counted before a TLS handshake
  facts.connected = begun_ || facts.newConnection;
  facts.bodySize = request_.body ? request_.body->size() : 0;
  facts.bodySent = size(number(handle, CURLINFO_SIZE_UPLOAD_T));
  facts.sent = begun_ && (smallNumber(handle, CURLINFO_REQUEST_SIZE) > 0 || facts.bodySent > 0);
  if (code != CURLE_OK && facts.status == 0) regardFirstCopy(facts);
  return facts;
}

// When libcurl set about sending again, its figures began anew. What counts is the first copy, which may have left as a whole unless far
// from all of it was seen to leave.
void CurlExchange::regardFirstCopy(ExchangeFacts& facts) const {
  constexpr std::size_t unseen = 1u << 20;  // more than what leaves between two looks
  if (!resent_ && !(reused_ && facts.bodySent <= uploaded_ && facts.bodySent < facts.bodySize)) return;
  if (resent_ || facts.code != CURLE_ABORTED_BY_CALLBACK) {
    facts.code = CURLE_GOT_NOTHING;
    facts.text.clear();
  }
  facts.connected = facts.sent = true;
  facts.newConnection = false;
  const auto seen = std::max(uploaded_, facts.bodySent);
  facts.bodySent = facts.bodySize > seen + unseen ? seen : facts.bodySize;
}

Response CurlExchange::takeResponse(const ExchangeFacts& facts) {
  CURL* handle = easy_.get();
  Response response;
  response.status = facts.status;
  response.headers = answer_.takeHeaders();
  response.body = answer_.takeBody();
  const auto requestSize = size(smallNumber(handle, CURLINFO_REQUEST_SIZE));
  const bool countedBoth = countsBodies() || (facts.bodySize < sentWithHead && requestSize > facts.bodySent);
  response.bytesSent = requestSize + (countedBoth ? 0 : facts.bodySent);
  response.bytesReceived = size(smallNumber(handle, CURLINFO_HEADER_SIZE)) + size(number(handle, CURLINFO_SIZE_DOWNLOAD_T));
  request_ = Request();  // the caller's body is no longer needed
  return response;
}

Response CurlExchange::finish(CURLcode code) {
  const auto excess = answer_.excess();
  const auto limit = request_.maxResponseBytes;
  // Where the connection ends within the head, or after an interim answer, libcurl makes do with what there is.
  if (code == CURLE_OK && !answer_.hasWholeHead()) code = CURLE_PARTIAL_FILE;
  auto known = facts(outOfMemory_ ? CURLE_OUT_OF_MEMORY : code);
  Response response = takeResponse(known);
  if (excess == AnswerBuffer::Excess::body) {
    response.fault = tooLargeFault("answer", limit, known);
  } else if (excess == AnswerBuffer::Excess::headers) {
    response.fault = tooLargeFault("answer's head", AnswerBuffer::maxHeaderBytes, known);
  } else if (known.code != CURLE_OK) {
    response.fault = faultOf(known, options_);
  }
  return response;
}

Response CurlExchange::end(Fault::Kind kind) {
  const auto known = facts(CURLE_ABORTED_BY_CALLBACK);
  Response response = takeResponse(known);
  response.fault = endedFault(kind, known, options_);
  return response;
}

}  // namespace qbatch::http
