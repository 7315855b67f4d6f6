#include "rest/store_operation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "codec/decode_answers.hpp"
#include "codec/encode_requests.hpp"
#include "codec/json_object.hpp"
#include "rest/carry_over.hpp"
#include "rest/unchanged.hpp"

namespace qbatch::rest {

namespace {

using codec::PayloadChoice;
using Kind = Verdict::Kind;

constexpr unsigned mostRounds = 3;

class StoreOperation : public Operation {
 public:
  StoreOperation(std::shared_ptr<Stage> stage, const UpsertPoints& request, CallLimits limits, Completion completion)
      : Operation(std::move(stage), std::move(limits), std::move(completion)), request_(request) {
    waiting_.resize(request.points.size());
    for (std::size_t position = 0; position < waiting_.size(); ++position) waiting_[position] = position;
  }

 private:
  void start() override {
    if (request_.existing == Existing::replace && request_.before.empty()) return replace();
    withVersion([this](const codec::ServerVersion& version) {
      insertOnly_ = version.atLeast(1, 17);
      conditional_ = version.atLeast(1, 16);
      hidden_ = version.major == 0;  // then an unknown member does no harm, and may save a point
      if (!request_.before.empty()) return conditional_ || hidden_ ? storeAsKnown() : storeWhatIsAsKnown();
      if (request_.existing == Existing::replace) return replace();
      if (request_.existing == Existing::skip && conditional_) return insert(request_.points);
      lookUp();
    });
  }

  void replace() {
    codec::UpsertBody body;
    body.points = request_.points;
    upsert(body, waits(), [this](codec::WriteStatus status) { conclude(status); });
  }

  // Carried out, but for points that others write at the same time.
  void conclude(codec::WriteStatus status) {
    auto verdict = writeVerdict(status);
    verdict.conditional = !request_.before.empty() && request_.existing != Existing::skip;
    std::sort(doubtful_.begin(), doubtful_.end());
    for (const auto position : doubtful_) verdict.items.push_back({position, Outcome::unknown, changedByOthers(position)});
    finish(std::move(verdict));
  }

  [[nodiscard]] Error changedByOthers(std::size_t position) const {
    return Error(Errc::unavailable, Origin::server,
                 fmt::format("point {} was changed by others each time it was to be stored again; store it once more",
                             request_.points[position].id.toString()));
  }

  // An earlier attempt may have been applied, and others may have written since: only what is still as it was known is written.
  void storeAsKnown() {
    const auto ids = idsOf(waiting_);
    std::vector<StoredPoint> stored;
    for (std::size_t i = 0; i < ids.size(); ++i)
      if (request_.before[i].exists) stored.push_back({ids[i], 0, request_.before[i].payload, {}});
    if (stored.empty() || request_.existing == Existing::skip) return insert(request_.points);
    CarriedOver carried;
    codec::UpsertBody body;
    body.points = request_.points;
    if (request_.existing == Existing::keepMetrics) {
      carried = carryOver(request_.points, stored, request_.fields, newStamp());
      body.points = carried.points;
    }
    const auto filter = unchangedFilter(ids, request_.before);
    body.updateFilter = filter;
    body.updateOnly = insertOnly_ && stored.size() == ids.size();  // servers learnt both at once
    upsert(body, waits(), [this](codec::WriteStatus status) { conclude(status); });
  }

  // A server without conditions: what others have changed is left out, as far as a look can tell.
  void storeWhatIsAsKnown() {
    PayloadChoice whole;
    whole.kind = PayloadChoice::Kind::all;
    retrieve(idsOf(waiting_), whole, [this](const std::vector<StoredPoint>& stored) {
      std::unordered_map<PointId, const StoredPoint*> now;
      for (const auto& point : stored) now.emplace(point.id, &point);
      std::erase_if(waiting_, [&](std::size_t position) {
        const auto there = now.find(request_.points[position].id);
        return !isAs(request_.before[position], there == now.end() ? nullptr : there->second);
      });
      if (waiting_.empty()) return conclude(codec::WriteStatus::completed);
      if (request_.existing != Existing::replace) return lookUp();
      const auto points = waitingPoints();
      codec::UpsertBody body;
      body.points = points;
      upsert(body, waits(), [this](codec::WriteStatus status) { conclude(status); });
    });
  }

  [[nodiscard]] std::string newStamp() const {
    const auto flush = stage().writer.next(std::chrono::system_clock::now());
    return flush.writer + "." + std::to_string(flush.sequence);
  }

  [[nodiscard]] bool waits() const { return request_.durability == Durability::applied; }

  [[nodiscard]] std::vector<PointId> idsOf(const std::vector<std::size_t>& positions) const {
    std::vector<PointId> ids;
    ids.reserve(positions.size());
    for (const auto position : positions) ids.push_back(request_.points[position].id);
    return ids;
  }

  // The points that are not known to be stored.
  [[nodiscard]] std::vector<PointView> waitingPoints() const {
    std::vector<PointView> points;
    points.reserve(waiting_.size());
    for (const auto position : waiting_) points.push_back(request_.points[position]);
    return points;
  }

  void retrieve(const std::vector<PointId>& ids, const PayloadChoice& choice, std::function<void(std::vector<StoredPoint>)> next) {
    const auto text = channel().buffer();
    codec::appendRetrieve(*text, ids, choice, false, request_.vectorName, channel().options().shardKey);
    Call call;
    call.method = "POST";
    call.path = collectionPath(request_.collection, "/points");
    call.query = channel().readParameters();
    call.body = text;
    if (!wrote()) call.items = ids.size();  // a look-up known to be too large is divided with what it is for
    ask(std::move(call), [this, next = std::move(next)](Answered& answered) {
      if (answered.verdict.kind == Kind::completed) return next(codec::decodePoints(answered.body, {}));
      refused(std::move(answered.verdict));
    });
  }

  // Refused for what the description would have told: then it is no longer true.
  void refused(Verdict verdict) {
    if (verdict.kind == Kind::fatal || verdict.kind == Kind::itemAtFault) stage().facts.forgetCollection(request_.collection);
    finish(std::move(verdict));
  }

  void write(Call call, bool wait, std::function<void(Answered&)> next) {
    call.query = channel().writeParameters(wait);
    call.writes = true;
    ask(std::move(call), [this, next = std::move(next)](Answered& answered) {
      if (answered.verdict.kind == Kind::completed) return next(answered);
      refused(std::move(answered.verdict));
    });
  }

  void upsert(codec::UpsertBody body, bool wait, std::function<void(codec::WriteStatus)> next) {
    body.vectorName = request_.vectorName;
    body.shardKey = channel().options().shardKey;
    const auto text = channel().buffer();
    codec::appendUpsert(*text, body);
    Call call;
    call.method = "PUT";
    call.path = collectionPath(request_.collection, "/points");
    call.body = text;
    call.items = body.points.size();
    write(std::move(call), wait, [next = std::move(next)](Answered& answered) { next(codec::decodeWrite(answered.body)); });
  }

  // Points that are stored only where they are absent, as far as the server can do that.
  void insert(std::span<const PointView> points, bool wait, std::function<void(codec::WriteStatus)> next) {
    const auto nothing = idFilter({});
    codec::UpsertBody body;
    body.points = points;
    body.insertOnly = insertOnly_;
    if ((conditional_ || hidden_) && !insertOnly_) body.updateFilter = nothing;
    upsert(body, wait, std::move(next));
  }

  void insert(std::span<const PointView> points) {
    insert(points, waits(), [this](codec::WriteStatus status) { conclude(status); });
  }

  void lookUp() {
    PayloadChoice choice;
    // All of it: metrics, counters and own keys have any names, and by the texts it can be told whose content stands there later.
    choice.kind = request_.existing == Existing::keepMetrics ? PayloadChoice::Kind::all : PayloadChoice::Kind::none;
    retrieve(idsOf(waiting_), choice, [this](std::vector<StoredPoint> stored) {
      if (rounds_ > 0) leaveWhatOthersWrote(stored);
      if (waiting_.empty()) return conclude(codec::WriteStatus::completed);
      if (rounds_ > 0 || !request_.before.empty()) return storeBeside(stored);
      stoodBefore(std::move(stored));
      storeBeside(*stood());
    });
  }

  // Who only counted meanwhile has lost nothing. Who wrote something else may have written over what was stored in an earlier round.
  void leaveWhatOthersWrote(std::vector<StoredPoint>& stored) {
    std::unordered_map<PointId, const StoredPoint*> first, now;
    if (stood())
      for (const auto& point : *stood()) first.emplace(point.id, &point);
    for (const auto& point : stored) now.emplace(point.id, &point);
    const auto as = [](const auto& points, const PointId& id) { return points.contains(id) ? points.at(id) : nullptr; };
    std::erase_if(waiting_, [&](std::size_t position) {
      const auto& id = request_.points[position].id;
      const bool same = onlyCounted(as(first, id), as(now, id), request_.fields);
      if (!same) doubtful_.push_back(position);
      return !same;
    });
    const auto ids = idsOf(waiting_);
    const std::unordered_set<PointId> left(ids.begin(), ids.end());
    std::erase_if(stored, [&](const StoredPoint& point) { return !left.contains(point.id); });
  }

  void storeBeside(const std::vector<StoredPoint>& stored) {
    if (stored.empty()) return waiting_.size() == request_.points.size() ? insert(request_.points) : insert(waitingPoints());
    if (request_.existing == Existing::skip) return storeAbsent(stored, [this](codec::WriteStatus status) { conclude(status); });
    if (conditional_) return storeConditionally(stored);
    storeAbsent(stored, [this, stored](codec::WriteStatus status) {
      least_ = std::min(least_, status);
      updateVectors(stored);
    });
  }

  void storeConditionally(const std::vector<StoredPoint>& stored) {
    const auto stamp = newStamp();
    const auto points = waitingPoints();
    const auto carried = carryOver(points, stored, request_.fields, stamp);
    codec::UpsertBody body;
    body.points = carried.points;
    body.updateFilter = carried.filter;
    std::vector<std::size_t> known;
    for (const auto place : carried.known) known.push_back(waiting_[place]);
    // What is to be read back must have been applied.
    upsert(body, true, [this, stamp, known = std::move(known)](codec::WriteStatus status) {
      if (status != codec::WriteStatus::completed) return conclude(status);
      readBack(stamp, known);
    });
  }

  void readBack(const std::string& stamp, const std::vector<std::size_t>& known) {
    PayloadChoice choice;
    choice.kind = PayloadChoice::Kind::only;
    choice.keys = {std::string(storeStamp)};
    retrieve(idsOf(known), choice, [this, stamp, known](const std::vector<StoredPoint>& points) {
      std::unordered_set<PointId> ours;  // who is not there at all may have been deleted after it was stored, or instead
      for (const auto& point : points) {
        const auto object = codec::JsonObject::ofPayload(point.payload);
        const auto* raw = object.find(storeStamp);
        if (raw && codec::stringValue(*raw) == stamp) ours.insert(point.id);
      }
      waiting_.clear();
      for (const auto position : known)
        if (!ours.contains(request_.points[position].id)) waiting_.push_back(position);
      if (!waiting_.empty() && ++rounds_ < mostRounds) return lookUp();
      doubtful_.insert(doubtful_.end(), waiting_.begin(), waiting_.end());
      conclude(codec::WriteStatus::completed);
    });
  }

  // Servers before 1.16: what follows is not atomic.
  void storeAbsent(const std::vector<StoredPoint>& stored, std::function<void(codec::WriteStatus)> next) {
    std::unordered_set<PointId> there;
    for (const auto& point : stored) there.insert(point.id);
    auto points = waitingPoints();
    std::erase_if(points, [&](const PointView& point) { return there.contains(point.id); });
    if (points.empty()) return next(codec::WriteStatus::completed);
    insert(points, waits() || request_.existing == Existing::keepMetrics, std::move(next));
  }

  void updateVectors(const std::vector<StoredPoint>& stored) {
    std::unordered_map<PointId, const StoredPoint*> before;
    for (const auto& point : stored) before.emplace(point.id, &point);
    auto points = waitingPoints();
    std::erase_if(points, [&](const PointView& point) { return !before.contains(point.id); });
    std::vector<codec::BatchOperation> operations;
    for (const auto& point : points)
      for (auto& operation : contentUpdate(point, *before.at(point.id), request_.fields)) operations.push_back(std::move(operation));
    const auto text = channel().buffer();
    codec::appendUpdateVectors(*text, points, request_.vectorName, channel().options().shardKey);
    Call call;
    call.method = "PUT";
    call.path = collectionPath(request_.collection, "/points/vectors");
    call.body = text;
    call.items = points.size();
    write(std::move(call), true, [this, operations = std::move(operations)](Answered& answered) {
      least_ = std::min(least_, codec::decodeWrite(answered.body));
      updatePayloads(operations);
    });
  }

  void updatePayloads(const std::vector<codec::BatchOperation>& operations) {
    auto call = batchCall(channel(), request_.collection, operations);
    call.items = operations.size();
    write(std::move(call), true, [this](Answered& answered) { conclude(std::min(least_, codec::decodeBatchWrite(answered.body))); });
  }

  const UpsertPoints& request_;
  std::vector<std::size_t> waiting_;  // positions that are not known to be stored
  bool insertOnly_ = false, conditional_ = false, hidden_ = false;
  unsigned rounds_ = 0;
  std::vector<std::size_t> doubtful_;                         // positions where somebody else has written since they were looked up
  codec::WriteStatus least_ = codec::WriteStatus::completed;  // of several writes for one request
};

}  // namespace

std::shared_ptr<Operation> makeStoreOperation(std::shared_ptr<Stage> stage, const UpsertPoints& request, CallLimits limits,
                                              Completion completion) {
  return std::make_shared<StoreOperation>(std::move(stage), request, std::move(limits), std::move(completion));
}

}  // namespace qbatch::rest
