// The part of BatchRun that sends one request and takes its answer: what it is about, and what the answer means for the machine.
#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "run/flight.hpp"

namespace qbatch::run {

namespace {

Reply internalFault(std::string what, bool maybeApplied) {
  Reply reply;
  reply.verdict.kind = Verdict::Kind::fatal;
  reply.verdict.error = Error(Errc::internal, Origin::server, std::move(what));
  reply.verdict.maybeApplied = maybeApplied;
  return reply;
}

Reply notSent() {
  Reply reply;
  reply.verdict.kind = Verdict::Kind::unavailable;
  reply.verdict.error = Error(Errc::cancelled, Origin::caller, "stopped before it left");
  reply.verdict.neverSent = true;
  reply.requests = 0;
  return reply;
}

// Whatever was said, it was an answer, and not the failure to get one.
bool isAnswer(const Verdict& verdict) { return verdict.kind != Verdict::Kind::unavailable || verdict.error.httpStatus() != 0; }

bool passed(const Verdict& verdict) { return verdict.kind == Verdict::Kind::completed || verdict.kind == Verdict::Kind::acknowledged; }

/// Calls `what` with the place in the chunk of each position.
template <class What>
void eachPlace(const Chunk& chunk, const batch::Positions& positions, What what) {
  for (const auto& range : positions.ranges())
    for (auto position = range.first; position < range.last; ++position) what(position - chunk.firstPosition);
}

template <class Values>
void pick(const Values& from, std::size_t place, Values& to) {
  if (place < from.size()) to.push_back(from[place]);
}

// Those of a chunk's items that do not lie side by side.
std::shared_ptr<Chunk> someOf(const std::shared_ptr<Chunk>& chunk, const batch::Positions& positions) {
  auto some = std::make_shared<Chunk>();
  some->whole = chunk;
  eachPlace(*chunk, positions, [&](std::size_t place) {
    pick(chunk->items, place, some->items);
    pick(chunk->vectors, place, some->vectors);
    pick(chunk->points, place, some->points);
    pick(chunk->ids, place, some->ids);
    pick(chunk->changes, place, some->changes);
  });
  return some;
}

// What is known of what stood there before, of all the items or of none.
std::vector<PointBefore> knownBefore(const Chunk& chunk, const batch::Positions& positions) {
  std::vector<PointBefore> known;
  if (chunk.before.empty()) return known;
  eachPlace(chunk, positions, [&](std::size_t place) {
    if (chunk.before[place]) known.push_back(*chunk.before[place]);
  });
  if (known.size() != positions.size()) known.clear();
  return known;
}

void condition(Request& request, std::span<const PointBefore> before) {
  if (auto* upsert = std::get_if<UpsertPoints>(&request)) upsert->before = before;
  if (auto* deletion = std::get_if<DeletePoints>(&request)) deletion->before = before;
}

}  // namespace

RetrievePoints BatchRun::retrieval(const Chunk& chunk, batch::Range part) const {
  RetrievePoints retrieve;
  retrieve.collection = options_.collection;
  retrieve.vectorName = core_.options().vectorName;
  retrieve.ids = std::span(chunk.ids).subspan(part.first, part.size());
  return retrieve;
}

std::shared_ptr<Chunk> BatchRun::chunkOf(const batch::Positions& positions) const {
  return std::prev(chunks_.upper_bound(positions.front()))->second;
}

std::shared_ptr<BatchRun::Flight> BatchRun::makeFlight(const batch::BatchMachine::Send& send) {
  auto flight = std::make_shared<Flight>();
  flight->id = send.id;
  flight->positions = send.positions;
  flight->readBack = send.readBack;
  if (stage_ == Stage::preparing) {
    flight->request = *preparation_;
    return flight;
  }
  auto& chunk = flight->chunk = chunkOf(send.positions);
  flight->view = send.positions.whole() ? chunk : someOf(chunk, send.positions);
  const auto first = send.positions.whole() ? send.positions.front() - chunk->firstPosition : 0;
  flight->part = {first, first + send.positions.size()};
  if (send.readBack) {
    flight->request = readBack(*flight->view, flight->part);
    if (chunk->before.empty()) chunk->before.resize(chunk->items.size());
    eachPlace(*chunk, send.positions, [&](std::size_t place) { flight->before.push_back(chunk->before[place]); });
    return flight;
  }
  flight->request = request(*flight->view, flight->part);
  if (send.again && traits_.readsBack) flight->condition = knownBefore(*chunk, send.positions);
  condition(flight->request, flight->condition);
  return flight;
}

void BatchRun::launch(const std::shared_ptr<Flight>& flight) {
  flight->began = batch::Clock::now();
  CallLimits limits;
  limits.deadline = std::min(deadline_, batch::later(flight->began, core_.options().timeout));
  limits.stop = requestStop_.get_token();
  // The backend's thread may be inside post() when the run, and with it the client, ends: the gate holds the client until it has left.
  const auto completion = [self = shared_from_this(), flight, gate = core_.gate()](Reply reply) {
    const Gate::Pass pass(gate);
    if (flight->answered.test_and_set()) return;
    const auto shared = std::make_shared<Reply>(std::move(reply));
    self->core_.senders().post([self, flight, shared] { self->replied(flight, std::move(*shared)); });
  };
  if (requestStop_.stop_requested()) return completion(notSent());
  try {
    carryOut(flight->request, limits, completion);
  } catch (const std::exception& error) {
    completion(internalFault(std::string("the backend threw: ") + error.what(), true));
  } catch (...) {
    completion(internalFault("the backend threw something that is no std::exception", true));
  }
}

void BatchRun::carryOut(const Request& request, CallLimits limits, Completion completion) {
  core_.backend().run(request, std::move(limits), std::move(completion));
}

void BatchRun::replied(const std::shared_ptr<Flight>& flight, Reply reply) {
  checkReply(*flight, reply);
  if (isAnswer(reply.verdict)) core_.noteAnswer();
  if (reply.verdict.kind == Verdict::Kind::throttled && options_.throttled) options_.throttled();
  if (batch::Clock::now() >= deadline_) endAtDeadline();  // the backend may have noticed before the timer
  {
    const std::lock_guard lock(mutex_);
    stats_.requests += reply.requests;
    stats_.bytesSent += reply.bytesSent;
    stats_.bytesReceived += reply.bytesReceived;
    stats_.lostRounds += reply.lostRounds;
    stats_.sending += batch::Clock::now() - flight->began;
    tellMachine(*flight, reply);
    static_cast<void>(noticeStop());
  }
  pump();
}

void BatchRun::tellMachine(const Flight& flight, Reply& reply) {
  const auto now = batch::Clock::now();
  if (!flight.chunk) {
    if (passed(reply.verdict)) preparationAnswer_ = std::move(reply.answer);
    return machine_->settled(flight.id, reply.verdict, now);
  }
  auto& chunk = *flight.chunk;
  if (flight.readBack) {
    auto next = flight.before.begin();
    eachPlace(chunk, flight.positions, [&](std::size_t place) { chunk.before[place] = *next++; });
    return machine_->lookedBack(flight.id, reply.verdict, flight.found, now);
  }
  if (reply.before && traits_.readsBack) {
    if (chunk.before.empty()) chunk.before.resize(chunk.items.size());
    std::unordered_map<PointId, StoredPoint*> there;
    for (auto& point : *reply.before) there.emplace(point.id, &point);
    eachPlace(chunk, flight.positions, [&](std::size_t place) {
      const auto found = there.find(chunk.ids[place]);
      chunk.before[place] = found == there.end() ? PointBefore() : PointBefore{true, std::move(found->second->payload)};
    });
  }
  machine_->settled(flight.id, reply.verdict, now);
}

bool BatchRun::takeOver(Flight& flight, Reply& reply) {
  const auto& items = reply.verdict.items;
  if (flight.readBack) {
    const auto* points = std::get_if<std::vector<StoredPoint>>(&reply.answer);
    if (!points || reply.verdict.kind != Verdict::Kind::completed || !items.empty()) return false;
    flight.found = found(*flight.view, flight.part, *points, flight.before);
    return true;
  }
  const bool placed = std::all_of(items.begin(), items.end(), [&](const ItemVerdict& item) { return item.position < flight.part.size(); });
  return placed && answered(*flight.view, flight.part, reply.answer);
}

void BatchRun::checkReply(Flight& flight, Reply& reply) {
  if (!flight.chunk || !passed(reply.verdict)) return;
  std::string what = "the backend's answer does not fit the request";
  try {
    if (takeOver(flight, reply)) return;
  } catch (const std::exception& error) {
    // Out of memory, of a large answer.
    what = std::string("the backend's answer could not be taken over: ") + error.what();
  }
  auto fault = internalFault(what, true);
  // Then it cannot read, which does not end the batch.
  if (flight.readBack) fault.verdict.error = Error(Errc::unsupported, Origin::server, what);
  fault.requests = reply.requests;
  reply = std::move(fault);
}

}  // namespace qbatch::run
