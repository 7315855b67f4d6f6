#pragma once
#include <cstdint>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "qbatch/batch_client.hpp"
#include "rest/rest_backend.hpp"
#include "run/worker_pool.hpp"
#include "support/faulty_wire.hpp"

namespace qbatch::test {

/// A client over a server that goes wrong by schedule.
struct FaultyRig {
  std::stop_source stop;
  FaultyServer server;
  run::WorkerPool pool{1};
  ClientOptions options;

  FaultyRig(FaultyServer::Options how, Random& random) : server(withCancel(std::move(how)), random) {
    rest::ChannelOptions channel;
    channel.urls = {"http://faulty:6333"};
    channel.post = [this](std::function<void()> task) { pool.post(std::move(task)); };
    options.backend = std::make_shared<rest::RestBackend>(std::move(channel), std::make_unique<FaultyWire>(server));
    options.threads = 1;
    options.flow.maxInFlight = random.chance(60) ? 1 : 3;
    const auto patience = server.traits().passing ? milliseconds(60000) : milliseconds(random.between(8, 30));
    options.retry = {milliseconds(1), milliseconds(2), patience, patience};
    options.timeout = server.traits().passing ? milliseconds(60000) : milliseconds(25);
  }
  [[nodiscard]] BatchClient client() const { return BatchClient(options); }

  /// How calls are limited: by a stop, and by a deadline where the schedule holds a request until then.
  template <class CallOptions>
  CallOptions limited(CallOptions call) const {
    call.stop = stop.get_token();
    if (server.traits().stallAt != 0) call.deadline = milliseconds(8);
    return call;
  }
  /// True where every good item can end well.
  [[nodiscard]] bool well() const {
    const auto& traits = server.traits();
    return traits.passing && traits.stopAt == 0 && traits.stallAt == 0;
  }

 private:
  FaultyServer::Options withCancel(FaultyServer::Options how) {
    how.cancel = [this] { stop.request_stop(); };
    return how;
  }
};

/// Numbers that a vector of a schedule is made of.
inline std::vector<float> someVector(Random& random) {
  std::vector<float> vector;
  for (int i = 0; i < 4; ++i) vector.push_back(static_cast<float>(random.between(1, 1000)) / 100 - 5);
  vector[0] += 0.005F;  // so that it is never all zero
  return vector;
}

}  // namespace qbatch::test
