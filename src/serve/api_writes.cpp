#include "serve/api_writes.hpp"

#include <fmt/core.h>

#include <array>
#include <functional>
#include <utility>

#include "local/refusal.hpp"
#include "local/sqlite.hpp"
#include "serve/apply_update.hpp"
#include "serve/collection_requests.hpp"
#include "serve/payload_schema.hpp"
#include "serve/point_reads.hpp"

namespace qbatch::serve {
namespace {

using local::StagedWrites;
/// Stages changes and gives the member `result`.
using Work = std::function<std::string(StagedWrites&)>;
using Kind = PointUpdate::Kind;

class ApiJob final : public local::WriteJob {
 public:
  ApiJob(Work work, const AnswerClock& clock, Respond respond) : work_(std::move(work)), clock_(clock), respond_(std::move(respond)) {}

  void carryOut(StagedWrites& staged) override {
    try {
      answer_ = clock_.ok(work_(staged));
    } catch (const local::SqliteFault&) {
      throw;  // nobody's request: the whole transaction is to be taken back
    } catch (const local::Refusal& refusal) {
      answer_ = clock_.failed(refusal.verdict().error);
    } catch (const RequestError& error) {
      answer_ = clock_.failed(error.error());
    }
  }
  void committed() override { respond_(std::move(answer_)); }
  void failed(const Error& error, bool) override { respond_(clock_.failed(error)); }

 private:
  Work work_;
  AnswerClock clock_;
  Respond respond_;
  HttpResponse answer_{};
};

std::string operationText(std::uint64_t operation, bool waits) {
  return fmt::format(R"({{"operation_id":{},"status":"{}"}})", operation, waits ? "completed" : "acknowledged");
}

/// One operation: what is wrong with its items once it has begun is heard by those who wait only, as with the server.
std::string carryOut(StagedWrites& staged, local::Shelf& shelf, const PointUpdate& update, bool waits) {
  checkUpdate(shelf.points.layout(), update);
  try {
    return operationText(applyUpdate(staged, shelf, update), waits);
  } catch (const local::SqliteFault&) {
    throw;
  } catch (const RequestError&) {
    if (waits) throw;
    return operationText(shelf.operations, waits);
  }
}

Work updateWork(std::string collection, std::vector<PointUpdate> updates, bool batch, bool waits) {
  return [collection = std::move(collection), updates = std::move(updates), batch, waits](StagedWrites& staged) {
    const auto shelf = staged.names().at(collection).shelf;
    std::string list;
    for (const PointUpdate& update : updates) {
      if (!list.empty()) list += ',';
      list += carryOut(staged, *shelf, update, waits);
    }
    return batch ? "[" + list + "]" : list;
  };
}

Work updateWork(const ApiCall& call, const Body& body, const local::Names& names) {
  constexpr std::array<std::pair<std::string_view, Kind>, 8> routes{{{"PUT /collections/*/points", Kind::upsert},
                                                                     {"POST /collections/*/points/delete", Kind::deletePoints},
                                                                     {"POST /collections/*/points/payload", Kind::setPayload},
                                                                     {"PUT /collections/*/points/payload", Kind::overwritePayload},
                                                                     {"POST /collections/*/points/payload/delete", Kind::deletePayload},
                                                                     {"POST /collections/*/points/payload/clear", Kind::clearPayload},
                                                                     {"PUT /collections/*/points/vectors", Kind::updateVectors},
                                                                     {"POST /collections/*/points/vectors/delete", Kind::deleteVectors}}};
  const auto context = [&] { return filterContext(names, call.path[1], {}); };
  if (call.is("POST /collections/*/points/batch")) {
    const bool waits = waitsFor(call);
    return updateWork(call.path[1], readUpdates(body.root(), context()), true, waits);
  }
  for (const auto& [route, kind] : routes) {
    if (!call.is(route)) continue;
    const bool waits = waitsFor(call);
    std::vector<PointUpdate> updates;
    updates.push_back(readUpdate(kind, body.root(), context()));
    return updateWork(call.path[1], std::move(updates), false, waits);
  }
  return {};
}

/// An index is made or forgotten: an operation like those on points.
Work indexWork(const ApiCall& call, const Body& body) {
  Work change;
  if (call.is("PUT /collections/*/index")) {
    change = [name = call.path[1], field = readField(body.root())](StagedWrites& staged) { return createIndex(staged, name, field); };
  } else if (call.is("DELETE /collections/*/index/*")) {
    change = [name = call.path[1], field = call.path[3]](StagedWrites& staged) { return dropIndex(staged, name, field); };
  } else {
    return {};
  }
  return [change = std::move(change), name = call.path[1], waits = waitsFor(call)](StagedWrites& staged) {
    change(staged);
    return operationText(staged.beginOperation(*staged.names().at(name).shelf), waits);
  };
}

Work collectionWork(const ApiCall& call, const std::shared_ptr<const Body>& body) {
  if (call.is("POST /collections/aliases")) {
    const Element root = body->root();
    static_cast<void>(waitsFor(call));
    return [body, root](StagedWrites& staged) { return changeAliases(staged, root); };
  }
  if (call.path.size() != 2 || call.path[0] != "collections") return {};
  const std::string& name = call.path[1];
  if (call.is("PUT /collections/*")) {
    static_cast<void>(waitsFor(call));
    return [config = readNewCollection(name, body->root())](StagedWrites& staged) { return createCollection(staged, config); };
  }
  if (call.is("PATCH /collections/*")) {
    const Element root = body->root();
    return [name, body, root](StagedWrites& staged) { return updateCollection(staged, name, root); };
  }
  if (call.is("DELETE /collections/*")) {
    checkNameLength(name);
    return [name](StagedWrites& staged) { return dropCollection(staged, name); };
  }
  return {};
}

}  // namespace

std::unique_ptr<local::WriteJob> writeJob(const ApiCall& call, const std::shared_ptr<const Body>& body, const local::Names& names,
                                          const AnswerClock& clock, const Respond& respond) {
  if (call.method == "GET") return nullptr;
  Work work = collectionWork(call, body);
  if (!work) work = indexWork(call, *body);
  if (!work) work = updateWork(call, *body, names);
  if (!work) return nullptr;
  return std::make_unique<ApiJob>(std::move(work), clock, respond);
}

}  // namespace qbatch::serve
