#include <memory>
#include <utility>
#include <vector>

#include "options_check.hpp"
#include "qbatch/backend.hpp"
#include "rest/server_options.hpp"
#include "run/worker_pool.hpp"

namespace qbatch {

namespace {

/// The REST backend with threads of its own to read answers on.
class StandaloneBackend : public Backend {
 public:
  explicit StandaloneBackend(const ClientOptions& options)
      : backend_(rest::connect(options, [this](std::function<void()> task) { workers_.post(std::move(task)); })) {}

  void run(const Request& request, CallLimits limits, Completion completion) override {
    backend_->run(request, std::move(limits), std::move(completion));
  }

 private:
  static constexpr std::size_t threads = 2;
  run::WorkerPool workers_{threads};
  std::shared_ptr<Backend> backend_;  // goes first: it posts to the workers
};

}  // namespace

std::shared_ptr<Backend> makeRestBackend(const ClientOptions& options) {
  std::vector<std::string> problems;
  if (options.url.empty()) problems.emplace_back("url: set it to a Qdrant server's, as http://localhost:6333");
  rest::checkServerOptions(problems, options);
  if (options.flow.maxInFlight == 0) problems.emplace_back("flow.maxInFlight: must be at least 1");
  throwIfAny(std::move(problems));
  return std::make_shared<StandaloneBackend>(options);
}

}  // namespace qbatch
