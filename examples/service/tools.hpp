#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
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
  qbatch::BatchClient client;
  qbatch::Collections collections;
  std::shared_ptr<qbatch::Backend> backend;
  std::string collection;                 ///< the client's
  qbatch::Limits limits;                  ///< of one request; beyond them it is refused
  std::chrono::milliseconds requestTime;  ///< that carrying out a request may take
  std::stop_token stop;                   ///< the service ends: what still runs is to end, too
  Figures& figures;
  std::atomic<bool>& draining;
};

}  // namespace service
