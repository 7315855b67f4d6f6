#include "local/local_backend.hpp"

#include <fmt/core.h>

#include <exception>
#include <new>
#include <utility>

#include "local/interrupt.hpp"
#include "local/reads.hpp"
#include "local/refusal.hpp"
#include "local/request_job.hpp"
#include "local/writes.hpp"
#include "qbatch/local.hpp"

namespace qbatch::local {
namespace {

/// Visits a read; std::monostate where the request is none.
struct Reader {
  const Names& names;
  const Interrupt& interrupt;

  Answer operator()(const DescribeCollection& request) const { return describe(names, request); }
  Answer operator()(const ListCollections&) const { return list(names); }
  Answer operator()(const RetrievePoints& request) const { return retrieve(names, request); }
  Answer operator()(const QueryPoints& request) const { return query(names, request, interrupt); }
  Answer operator()(const ScrollPoints& request) const { return scroll(names, request, interrupt); }
  Answer operator()(const CountPoints& request) const { return count(names, request, interrupt); }
  template <typename Write>
  Answer operator()(const Write&) const {
    return {};
  }
};

Reply fatal(Error error) { return replyOf(refuseAll(std::move(error)).verdict()); }

Reply faultOf(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return fatal(Error(Errc::internal, Origin::server, "the embedded engine ran out of memory: ask for less at once"));
  }
  return fatal(Error(Errc::internal, Origin::server, fmt::format("a fault of the embedded engine: {}", error.what())));
}

Reply read(const Names& names, const Request& request, const CallLimits& limits) {
  try {
    const Interrupt interrupt(limits);
    interrupt.check();
    Reply reply;
    reply.answer = std::visit(Reader{names, interrupt}, request);
    if (std::holds_alternative<DescribeCollection>(request))
      reply.requests = 0;  // a look at what is in memory, no work that a batch could save
    return reply;
  } catch (const Refusal& refusal) {
    return replyOf(refusal.verdict());
  } catch (const std::exception& error) {
    return faultOf(error);
  }
}

}  // namespace

void LocalBackend::run(const Request& request, CallLimits limits, Completion completion) {
  if (const auto error = engine_.unusable()) {
    completion(fatal(*error));
    return;
  }
  if (!isWrite(request)) {
    completion(read(*engine_.names(), request, limits));
    return;
  }
  try {
    engine_.write(std::make_unique<RequestJob>(request, std::move(limits), completion));
  } catch (const std::exception& error) {
    completion(faultOf(error));
  }
}

}  // namespace qbatch::local

namespace qbatch {

std::shared_ptr<Backend> makeLocalBackend(std::string file) { return std::make_shared<local::LocalBackend>(file); }

}  // namespace qbatch
