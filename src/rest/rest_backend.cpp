#include "rest/rest_backend.hpp"

#include <chrono>
#include <exception>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "rest/collection_operations.hpp"
#include "rest/operation.hpp"
#include "rest/point_operations.hpp"
#include "rest/store_operation.hpp"
#include "rest/sweep_operation.hpp"
#include "rest/update_operation.hpp"

namespace qbatch::rest {

struct RestBackend::Impl {
  std::shared_ptr<Stage> stage = std::make_shared<Stage>();
};

namespace {

constexpr std::chrono::seconds timeToTidyUp{2};

struct Making {
  const std::shared_ptr<Stage>& stage;
  const CallLimits& limits;
  const Completion& completion;

  std::shared_ptr<Operation> operator()(const UpsertPoints& request) const {
    if (request.existing == Existing::replace && stage->marks.any()) {
      std::vector<PointId> ids;
      for (const auto& point : request.points) ids.push_back(point.id);
      stage->marks.replaced(request.collection, ids);
    }
    return makeStoreOperation(stage, request, limits, completion);
  }
  std::shared_ptr<Operation> operator()(const UpdateMetrics& request) const {
    return makeUpdateOperation(stage, request, limits, completion);
  }
  std::shared_ptr<Operation> operator()(const SweepMarks& request) const { return makeSweepOperation(stage, request, limits, completion); }
  std::shared_ptr<Operation> operator()(const DeletePoints& request) const {
    stage->marks.replaced(request.collection, request.ids);
    return makePointOperation(stage, request, limits, completion);
  }
  template <class Kind>
  std::shared_ptr<Operation> operator()(const Kind& request) const {
    if constexpr (requires { request.info; } || std::is_same_v<Kind, DescribeCollection> || std::is_same_v<Kind, DropCollection> ||
                  std::is_same_v<Kind, ListCollections> || std::is_same_v<Kind, SetAlias>)
      return makeCollectionOperation(stage, request, limits, completion);
    else
      return makePointOperation(stage, request, limits, completion);
  }
};

}  // namespace

RestBackend::RestBackend(ChannelOptions options, std::unique_ptr<http::Transport> transport) : impl_(std::make_unique<Impl>()) {
  impl_->stage->channel = std::make_shared<Channel>(std::move(options), std::move(transport));
}

RestBackend::~RestBackend() {
  auto& stage = *impl_->stage;
  // Who does not answer now need not be waited for: the marks harm nobody, and can be swept.
  if (!stage.writer.forked() && stage.channel->lastAnswered()) stage.marks.removeAll(stage.writer.name(), stage.channel, timeToTidyUp);
}

void RestBackend::run(const Request& request, CallLimits limits, Completion completion) {
  std::shared_ptr<Operation> operation;
  try {
    operation = std::visit(Making{impl_->stage, limits, completion}, request);
  } catch (const std::exception& error) {
    Reply reply;
    reply.requests = 0;
    reply.verdict.kind = Verdict::Kind::fatal;
    reply.verdict.error = Error(Errc::internal, Origin::caller, std::string("a fault inside qbatch: ") + error.what());
    return completion(std::move(reply));
  }
  operation->begin();
}

}  // namespace qbatch::rest
