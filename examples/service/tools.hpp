#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "figures.hpp"
#include "qbatch/backend.hpp"
#include "qbatch/batch_client.hpp"
#include "qbatch/collections.hpp"

namespace service {

/// What handlers work with; shared by all of them, safe to use from any thread.
struct Tools {
  Figures& figures;
  std::atomic<bool>& draining;
  std::function<void(std::function<void()>)> post;  ///< runs a task on a thread that may compute
  std::stop_token stop;                             ///< the service ends: what still runs is to end, too
  std::chrono::milliseconds requestTime;            ///< that carrying out a request may take
  qbatch::Limits limits;                            ///< of one request; beyond them it is refused
  std::size_t maxHits;                              ///< that one search may ask for
  std::string collection;                           ///< of requests that name none
  std::shared_ptr<qbatch::Backend> backend;
  // The client goes first: it waits for its calls, which need the rest.
  qbatch::Collections collections;
  qbatch::BatchClient client;
};

}  // namespace service
