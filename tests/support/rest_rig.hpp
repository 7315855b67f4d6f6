#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rest/operation.hpp"
#include "run/worker_pool.hpp"
#include "support/fake_transport.hpp"

namespace qbatch::test {

/// What operations of the REST backend run on, over a transport without a wire.
class RestRig {
 public:
  explicit RestRig(FakeTransport::Handler handler, rest::ChannelOptions options = {}) {
    auto transport = std::make_unique<FakeTransport>(std::move(handler));
    record = transport->record();
    if (options.urls.empty()) options.urls = {"http://localhost:6333"};
    options.post = [this](std::function<void()> task) { pool_.post(std::move(task)); };
    stage = std::make_shared<rest::Stage>();
    stage->channel = std::make_shared<rest::Channel>(std::move(options), std::move(transport));
  }
  RestRig(const RestRig&) = delete;
  RestRig& operator=(const RestRig&) = delete;

  /// The version that the server is known to have.
  RestRig& version(unsigned major, unsigned minor) {
    stage->facts.learnVersion({major, minor, 0, std::to_string(major) + "." + std::to_string(minor) + ".0"});
    return *this;
  }

  /// Begins the operation that `make` returns for a stage and a completion. The future's reply is the operation's only one.
  template <class Make>
  std::future<Reply> begin(Make make) {
    const auto promise = std::make_shared<std::promise<Reply>>();
    make(stage, [promise](Reply reply) { promise->set_value(std::move(reply)); })->begin();
    return promise->get_future();
  }
  /// The same, and waits. A reply that does not come ends the test program rather than hanging it.
  template <class Make>
  Reply run(Make make) {
    return await(begin(make));
  }
  static Reply await(std::future<Reply> future) {
    if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready) throw std::runtime_error("an operation never replied");
    return future.get();
  }

 private:
  run::WorkerPool pool_{2};  // outlives the channel, which posts to it

 public:
  std::shared_ptr<FakeTransport::Record> record;
  std::shared_ptr<rest::Stage> stage;
};

/// Answers in this order, whatever is asked; what comes after them is refused.
inline FakeTransport::Handler inOrder(std::initializer_list<http::Response> answers) {
  return [answers = std::vector(answers), next = std::size_t{0}](const http::Request&) mutable {
    return next < answers.size() ? answers[next++] : answer(418, "the test has no answer to this");
  };
}

/// The same answer to everything.
inline FakeTransport::Handler always(http::Response response) {
  return [response = std::move(response)](const http::Request&) { return response; };
}

inline bool hasPart(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// What a server of version 1.18.3 answers.

inline http::Response resultOf(const std::string& result) {
  return answer(200, R"({"result":)" + result + R"(,"status":"ok","time":0.01})");
}
inline http::Response refusal(int status, const std::string& sentence) {
  return answer(status, R"({"status":{"error":")" + sentence + R"("},"time":0.0})");
}
inline http::Response writeOf(const std::string& status) { return resultOf(R"({"operation_id":2,"status":")" + status + R"("})"); }
inline http::Response written() { return writeOf("completed"); }
inline http::Response batchOf(const std::string& status) { return resultOf(R"([{"operation_id":2,"status":")" + status + R"("}])"); }
inline http::Response noCollection() { return refusal(404, "Not found: Collection `c` doesn't exist!"); }
inline http::Response versionOf(const std::string& version) {
  return answer(200, R"({"title":"qdrant - vector search engine","version":")" + version + R"(","commit":"abc"})");
}
inline http::Response page(int status) { return answer(status, "<html><body>Welcome</body></html>", {{"content-type", "text/html"}}); }

}  // namespace qbatch::test
