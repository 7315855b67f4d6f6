#include "rest/point_operations.hpp"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "codec/decode_answers.hpp"
#include "codec/encode_requests.hpp"
#include "rest/unchanged.hpp"

namespace qbatch::rest {

namespace {

/// A request that is one call.
template <class Kind>
class PointOperation : public Operation {
 public:
  PointOperation(std::shared_ptr<Stage> stage, const Kind& request, CallLimits limits, Completion completion)
      : Operation(std::move(stage), std::move(limits), std::move(completion)), request_(request) {}

 private:
  void start() override {
    const auto text = channel().buffer();
    Call call;
    call.method = "POST";
    call.query = channel().readParameters();
    encode(call, *text);
    call.body = text;
    ask(std::move(call), [this](Answered& answered) {
      if (answered.verdict.kind == Verdict::Kind::completed) return read(answered.body);
      if (answered.verdict.error.code() == Errc::collectionNotFound) stage().facts.forgetCollection(request_.collection);
      finish(namingVersion(std::move(answered.verdict)));
    });
  }

  void encode(Call& call, std::string& text) const;
  void read(std::string& body);

  // A server that does not know a request may be too old for it.
  Verdict namingVersion(Verdict verdict) const {
    const auto version = stage().facts.version();
    if (verdict.error.code() != Errc::unsupported || !version || version->major == 0) return verdict;
    const auto& error = verdict.error;
    verdict.error = Error(Errc::unsupported, error.origin(), fmt::format("{}; this one is version {}", error.message(), version->text),
                          error.httpStatus(), error.serverMessage());
    return verdict;
  }

  const Kind& request_;
};

codec::PayloadChoice wholePayload(bool wanted) {
  codec::PayloadChoice choice;
  choice.kind = wanted ? codec::PayloadChoice::Kind::all : codec::PayloadChoice::Kind::none;
  return choice;
}

template <>
void PointOperation<RetrievePoints>::encode(Call& call, std::string& text) const {
  call.path = collectionPath(request_.collection, "/points");
  call.items = request_.ids.size();
  codec::appendRetrieve(text, request_.ids, wholePayload(request_.withPayload), request_.withVector, request_.vectorName,
                        channel().options().shardKey);
}

template <>
void PointOperation<RetrievePoints>::read(std::string& body) {
  auto found = codec::decodePoints(body, request_.vectorName);
  std::unordered_map<PointId, std::size_t> places;
  for (std::size_t place = 0; place < found.size(); ++place) places.emplace(found[place].id, place);
  std::vector<StoredPoint> ordered;
  ordered.reserve(found.size());
  std::unordered_set<PointId> given;
  for (const auto& id : request_.ids) {
    const auto place = places.find(id);
    if (place != places.end() && given.insert(id).second) ordered.push_back(std::move(found[place->second]));
  }
  finish(std::move(ordered));
}

template <>
void PointOperation<QueryPoints>::encode(Call& call, std::string& text) const {
  call.path = collectionPath(request_.collection, "/points/query/batch");
  call.items = request_.vectors.size();
  codec::appendQueryBatch(text, request_, channel().options().shardKey);
}

template <>
void PointOperation<QueryPoints>::read(std::string& body) {
  auto lists = codec::decodeQueryBatch(body, request_.vectorName);
  if (lists.size() != request_.vectors.size())
    throw codec::DecodeError(fmt::format("it holds {} lists of hits for {} queries", lists.size(), request_.vectors.size()));
  finish(std::move(lists));
}

template <>
void PointOperation<ScrollPoints>::encode(Call& call, std::string& text) const {
  call.path = collectionPath(request_.collection, "/points/scroll");
  codec::appendScroll(text, request_, channel().options().shardKey);
}

template <>
void PointOperation<ScrollPoints>::read(std::string& body) {
  finish(codec::decodeScroll(body, request_.vectorName));
}

template <>
void PointOperation<CountPoints>::encode(Call& call, std::string& text) const {
  call.path = collectionPath(request_.collection, "/points/count");
  codec::appendCount(text, request_.filter, channel().options().shardKey);
}

template <>
void PointOperation<CountPoints>::read(std::string& body) {
  finish(codec::decodeCount(body));
}

template <>
void PointOperation<DeletePoints>::encode(Call& call, std::string& text) const {
  call.path = collectionPath(request_.collection, "/points/delete");
  call.query = channel().writeParameters(true);
  call.writes = true;
  call.items = request_.ids.size();
  if (request_.before.empty())
    codec::appendDelete(text, request_.ids, channel().options().shardKey);
  else
    codec::appendDeleteByFilter(text, unchangedFilter(request_.ids, request_.before), channel().options().shardKey);
}

template <>
void PointOperation<DeletePoints>::read(std::string& body) {
  auto verdict = writeVerdict(codec::decodeWrite(body));
  verdict.conditional = !request_.before.empty();
  finish(std::move(verdict));
}

}  // namespace

template <class Kind>
std::shared_ptr<Operation> makePointOperation(std::shared_ptr<Stage> stage, const Kind& request, CallLimits limits, Completion completion) {
  return std::make_shared<PointOperation<Kind>>(std::move(stage), request, std::move(limits), std::move(completion));
}

template std::shared_ptr<Operation> makePointOperation(std::shared_ptr<Stage>, const RetrievePoints&, CallLimits, Completion);
template std::shared_ptr<Operation> makePointOperation(std::shared_ptr<Stage>, const QueryPoints&, CallLimits, Completion);
template std::shared_ptr<Operation> makePointOperation(std::shared_ptr<Stage>, const ScrollPoints&, CallLimits, Completion);
template std::shared_ptr<Operation> makePointOperation(std::shared_ptr<Stage>, const CountPoints&, CallLimits, Completion);
template std::shared_ptr<Operation> makePointOperation(std::shared_ptr<Stage>, const DeletePoints&, CallLimits, Completion);

}  // namespace qbatch::rest
