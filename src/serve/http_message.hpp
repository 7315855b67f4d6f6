#pragma once
#include <functional>
#include <string>

namespace qbatch::serve {

/// One request, received whole.
struct HttpRequest {
  std::string method{};
  std::string path{};   ///< as sent: percent-encoded, without the query
  std::string query{};  ///< as sent, without the '?'
  std::string body{};   ///< already gunzipped
};

struct HttpResponse {
  int status = 200;
  std::string contentType = "application/json";  ///< not sent where the body is empty
  std::string body{};
};

/// To be called exactly once, from any thread, perhaps before the handler returns. Later calls do nothing.
using Respond = std::function<void(HttpResponse)>;
/// Called by several threads at once; must not throw.
using HttpHandler = std::function<void(HttpRequest, Respond)>;

}  // namespace qbatch::serve
