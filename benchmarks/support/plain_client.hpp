#pragma once
#include <curl/curl.h>
#include <simdjson.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace bench {

/// What programs do that have no library: one libcurl handle, one connection that is kept, one request after the other.
class PlainClient {
 public:
  explicit PlainClient(std::string url) : url_(std::move(url)), curl_(::curl_easy_init()) {
    headers_ = ::curl_slist_append(headers_, "Content-Type: application/json");
    headers_ = ::curl_slist_append(headers_, "Expect:");
    if (const char* key = std::getenv("QDRANT_API_KEY")) headers_ = ::curl_slist_append(headers_, ("api-key: " + std::string(key)).c_str());
    ::curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
    ::curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &PlainClient::receive);
    ::curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer_);
    ::curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    ::curl_easy_setopt(curl_, CURLOPT_TCP_NODELAY, 1L);
  }
  PlainClient(const PlainClient&) = delete;
  PlainClient& operator=(const PlainClient&) = delete;
  ~PlainClient() {
    ::curl_easy_cleanup(curl_);
    ::curl_slist_free_all(headers_);
  }

  /// Throws where the answer is not 200. The answer's body is valid until the next request.
  const std::string& send(const char* method, const std::string& path, const std::string& body) {
    answer_.clear();
    ::curl_easy_setopt(curl_, CURLOPT_URL, (url_ + path).c_str());
    ::curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, method);
    ::curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.c_str());
    ::curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    const auto failed = ::curl_easy_perform(curl_);
    if (failed != CURLE_OK) throw std::runtime_error(url_ + path + ": " + ::curl_easy_strerror(failed));
    long status = 0;
    ::curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) throw std::runtime_error(path + ": " + std::to_string(status) + " " + answer_);
    return answer_;
  }
  /// The answer's JSON, valid until the next request.
  simdjson::dom::element json(const char* method, const std::string& path, const std::string& body) {
    return parser_.parse(send(method, path, body));
  }

 private:
  static std::size_t receive(char* bytes, std::size_t, std::size_t size, void* into) {
    static_cast<std::string*>(into)->append(bytes, size);
    return size;
  }

  std::string url_;
  CURL* curl_;
  curl_slist* headers_ = nullptr;
  std::string answer_{};
  simdjson::dom::parser parser_{};
};

}  // namespace bench
