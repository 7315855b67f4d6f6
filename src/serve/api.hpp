#pragma once
#include <string>

#include "serve/http_message.hpp"

namespace qbatch::serve {

/// Stands in for Qdrant's API over the engine, which comes with its own change: knows /healthz alone.
class Api {
 public:
  explicit Api(const std::string& file);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;
  ~Api();

  void handle(HttpRequest request, Respond respond);
};

}  // namespace qbatch::serve
