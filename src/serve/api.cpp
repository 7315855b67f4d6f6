#include "serve/api.hpp"

#include "serve/http_answers.hpp"

namespace qbatch::serve {

Api::Api(const std::string&) {}
Api::~Api() = default;

void Api::handle(HttpRequest request, Respond respond) {
  if (request.method == "GET" && request.path == "/healthz") return respond(textAnswer(200, "healthz check passed"));
  respond({.status = 404});
}

}  // namespace qbatch::serve
