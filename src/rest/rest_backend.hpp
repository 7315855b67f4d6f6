#pragma once
#include <memory>

#include "http/transport.hpp"
#include "qbatch/backend.hpp"
#include "rest/channel.hpp"

namespace qbatch::rest {

/// A Qdrant server, or the nodes of a cluster, over its REST API: one request of the library is one attempt, and as few calls as it takes.
class RestBackend : public Backend {
 public:
  RestBackend(ChannelOptions options, std::unique_ptr<http::Transport> transport);
  ~RestBackend() override;

  void run(const Request& request, CallLimits limits, Completion completion) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qbatch::rest
