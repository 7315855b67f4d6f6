#pragma once
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "qbatch/backend.hpp"
#include "qbatch/local_server.hpp"
#include "support/backend_calls.hpp"
#include "support/fake_qdrant.hpp"
#include "support/scripted_server.hpp"

namespace qbatch::test {

/// A REST backend together with the scripted server in this process that it talks to, which refuses what the API description does not
/// allow.
class ServedBackend : public Backend {
 public:
  explicit ServedBackend(FakeQdrant::Options options = {}) : qdrant_(std::move(options)) {
    ClientOptions client;
    client.url = server_.url();
    backend_ = makeRestBackend(client);
  }
  ~ServedBackend() override { backend_ = nullptr; }

  void run(const Request& request, CallLimits limits, Completion completion) override {
    backend_->run(request, std::move(limits), std::move(completion));
  }
  [[nodiscard]] FakeQdrant& qdrant() noexcept { return qdrant_; }
  [[nodiscard]] ScriptedServer& server() noexcept { return server_; }

 private:
  FakeQdrant qdrant_;
  ScriptedServer server_{qdrant_.handler()};
  std::shared_ptr<Backend> backend_;
};

/// A REST backend together with the LocalServer that it talks to; to the one with a file it packs what it sends.
class LocallyServedBackend : public Backend {
 public:
  explicit LocallyServedBackend(const std::string& file) : server_(LocalServerOptions{.file = file}) {
    ClientOptions client;
    client.url = server_.url();
    client.rest.gzipFrom = file == ":memory:" ? 0 : 1;
    backend_ = makeRestBackend(client);
  }
  ~LocallyServedBackend() override { backend_ = nullptr; }

  void run(const Request& request, CallLimits limits, Completion completion) override {
    backend_->run(request, std::move(limits), std::move(completion));
  }

 private:
  LocalServer server_;
  std::shared_ptr<Backend> backend_;
};

/// The real server that QDRANT_URL names, emptied. nullptr where the variable is not set.
inline std::shared_ptr<Backend> realQdrant() {
  const char* url = std::getenv("QDRANT_URL");
  if (url == nullptr || *url == '\0') return nullptr;
  // Tests empty the server: that has to be allowed by name.
  if (std::getenv("QBATCH_TEST_MAY_EMPTY_SERVER") == nullptr)
    throw std::runtime_error("QDRANT_URL is set: set QBATCH_TEST_MAY_EMPTY_SERVER, too, if these tests may drop every collection there");
  ClientOptions client;
  client.url = url;
  if (const char* key = std::getenv("QDRANT_API_KEY")) client.apiKey = key;
  auto backend = makeRestBackend(client);
  for (const auto& info : ask<std::vector<CollectionInfo>>(*backend, ListCollections{}))
    static_cast<void>(ask<bool>(*backend, DropCollection{info.name}));
  return backend;
}

}  // namespace qbatch::test
