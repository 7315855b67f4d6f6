#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rest/store_operation.hpp"
#include "support/rest_rig.hpp"

// Three points to be stored, and what a server says to that.
namespace qbatch::test {

inline const std::string upsertLine = "PUT /collections/c/points", lookUpLine = "POST /collections/c/points";

/// Points 1 to 3 to be stored in collection c.
struct Upsert {
  std::vector<float> vector = {0.5F, -1.0F};
  std::vector<PointView> points;
  UpsertPoints request;

  explicit Upsert(Existing existing = Existing::keepMetrics) {
    for (const std::uint64_t id : {1u, 2u, 3u}) points.push_back({id, vector, R"({"code":"x","usage_count":0})"});
    request.collection = "c";
    request.points = points;
    request.existing = existing;
  }
  Reply run(RestRig& rig, CallLimits limits = {}) const {
    return rig.run(
        [&](auto stage, Completion completion) { return rest::makeStoreOperation(stage, request, limits, std::move(completion)); });
  }
};

/// Point 1 as it is stored, counted up before.
inline const std::string known = R"([{"id":1,"payload":{"usage_count":7,"success_rate":0.5,"_qbatch_last":"W.5","_qbatch_W":5}}])";

/// The stamp that the latest conditional upsert carried.
inline std::string stampIn(const std::string& body) {
  const std::string name = R"("_qbatch_store":")";
  const auto at = body.find(name);
  if (at == std::string::npos) return {};
  return body.substr(at + name.size(), body.find('"', at + name.size()) - at - name.size());
}

/// The same, counted on by others since, `times`.
inline std::string countedOn(unsigned times) {
  return R"([{"id":1,"payload":{"usage_count":)" + std::to_string(7 + times) + R"(,"success_rate":0.5,"_qbatch_last":"V.)" +
         std::to_string(times) + R"(","_qbatch_W":5}}])";
}

/// A server that has point 1, on which others count all the time, and takes conditional upserts of it only from the round `winsIn` on.
inline FakeTransport::Handler contended(unsigned winsIn, std::shared_ptr<unsigned> writes) {
  return [=, stamp = std::string("another's")](const http::Request& request) mutable {
    if (request.method == "PUT") {
      if (++*writes == winsIn) stamp = stampIn(*request.body);
      return written();
    }
    if (!hasPart(*request.body, R"(["_qbatch_store"])")) return resultOf(*writes == 0 ? known : countedOn(*writes));
    return resultOf(R"([{"id":1,"payload":{"_qbatch_store":")" + stamp + R"("}}])");
  };
}

}  // namespace qbatch::test
