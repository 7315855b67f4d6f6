#include "support/faulty_server.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "support/faulty_answers.hpp"

namespace qbatch::test {

std::string idText(const PointId& id) { return id.isNumber() ? id.toString() : '"' + id.toString() + '"'; }

void FaultyServer::prepare(std::string method, std::string path, std::string body) {
  const auto response = asked(exchangeOf(std::move(method), std::move(path), std::move(body)));
  if (response.status != 200) throw std::runtime_error("a schedule cannot be prepared: " + response.body);
}

void FaultyServer::preparePoints(const std::vector<Prepared>& points) {
  prepare("PUT", path(""), R"({"vectors":{"size":4,"distance":"Cosine"}})");
  std::string body;
  for (const auto& [id, payload, vector] : points) {
    std::string values;
    for (const float value : vector) values += (values.empty() ? "" : ",") + std::to_string(value);
    body +=
        (body.empty() ? R"({"points":[{"id":)" : R"(,{"id":)") + idText(id) + R"(,"vector":[)" + values + R"(],"payload":)" + payload + "}";
  }
  if (!body.empty()) prepare("PUT", path("/points?wait=true"), body + "]}");
}

void FaultyServer::begin() {
  ++clock_;
  for (const auto& id : options_.ours) histories_[id].states.push_back({clock_, Author::before, 0, contentOf(id)});
}

FaultyServer::Reply FaultyServer::handle(const http::Request& request) {
  if (request.stop.stop_requested()) return {FakeTransport::cancelled()};
  auto parcel = parcelOf(request);
  parcel.number = ++requests_;
  deliverDue();
  if (random_.chance(options_.traits.meddling)) meddle();
  parcel.at = ++clock_;
  if (parcel.writesPoints()) {
    for (const auto& id : parcel.ids) {
      const auto found = histories_.find(id);
      if (found != histories_.end()) found->second.attempts.push_back({parcel.at, parcel.number, parcel.ids.size() == 1});
    }
  }
  tell(parcel.exchange.method + " " + parcel.exchange.target + ", points: " + std::to_string(parcel.ids.size()));
  auto reply = answered(request, parcel);
  if (random_.chance(options_.traits.meddling)) meddle();
  if (reply.answer) {
    noteHeard(parcel, *reply.answer);
    const auto& [answer, slowly] = reply;
    tell("  answered " + std::to_string(answer->status) + (answer->status == 0 ? " (" + answer->fault.message + ")" : ""));
  }
  return reply;
}

FaultyServer::Reply FaultyServer::answered(const http::Request& request, Parcel& parcel) {
  if (parcel.number == options_.traits.stopAt) {
    if (auto response = stopped(request, parcel)) return {std::move(response)};
  }
  if (parcel.number == options_.traits.stallAt) {
    if (random_.chance(50)) static_cast<void>(carryOut(parcel));
    tell("  stalls");
    return {};
  }
  if (auto response = refusal(parcel)) return {std::move(response)};
  const auto trouble = draw(parcel);
  if (trouble == Trouble::none) return {carryOut(parcel)};
  tell("  trouble: " + std::string(troubleNames[static_cast<std::size_t>(trouble)]));
  ++met_[static_cast<std::size_t>(trouble)];
  ++troubles_;
  return {inTrouble(trouble, parcel), trouble == Trouble::slowAnswer};
}

// The caller cancels while this request is under way: it may have left or not, and its answer may have come already.
std::optional<http::Response> FaultyServer::stopped(const http::Request&, const Parcel& parcel) {
  tell("  the call is cancelled");
  options_.cancel();
  switch (random_.below(4)) {
    case 0:
      return FakeTransport::cancelled();
    case 1:
      return FakeTransport::cancelled(true);
    case 2:
      static_cast<void>(carryOut(parcel));
      return FakeTransport::cancelled(true);
    default:
      return std::nullopt;
  }
}

std::optional<http::Response> FaultyServer::refusal(const Parcel& parcel) {
  const auto most = options_.traits.mostPoints;
  if (most == 0 || parcel.ids.size() <= most || !parcel.writesPoints() || parcel.operations != 0) return std::nullopt;
  ++tooLarge_;
  if (options_.traits.sayTooLargeAs413) return answer(413, "Payload Too Large", {{"content-type", "text/plain"}});
  return errorAnswer(400, "Payload error: JSON payload (9 bytes) is larger than allowed (limit: 8 bytes).");
}

Trouble FaultyServer::draw(const Parcel& parcel) {
  const auto& traits = options_.traits;
  if (traits.kinds.empty() || troubles_ >= traits.most || !random_.chance(traits.trouble)) return Trouble::none;
  const auto trouble = traits.kinds[random_.below(traits.kinds.size())];
  // Nobody would ever hear what is at fault in a write that is in the log, so no client could end well.
  if (isOfTheLog(trouble) && (!parcel.writesPoints() || (traits.passing && holdsBad(parcel)))) return Trouble::none;
  // A server whose version cannot be read is written to in another way, which takes several writes.
  const bool garbled =
      trouble == Trouble::cutShort || trouble == Trouble::noResult || trouble == Trouble::emptyAnswer || trouble == Trouble::page;
  return garbled && parcel.exchange.path == "/" ? Trouble::none : trouble;
}

http::Response FaultyServer::inTrouble(Trouble trouble, const Parcel& parcel) {
  switch (trouble) {
    case Trouble::noConnection:
      return fault(http::Fault::Kind::connect, "connection refused");
    case Trouble::brokenBody:
      return brokenBody();
    case Trouble::lostRequest:
      return lost(http::Fault::Kind::reset);
    case Trouble::busy:
      return errorAnswer(503, "Service unavailable");
    case Trouble::throttled:
      return errorAnswer(429, "Rate limiting exceeded", {{"retry-after", "0"}});
    case Trouble::queued:
      if (parcel.kind != Parcel::Kind::read) queue(parcel, true);
      return errorAnswer(500, "Service internal error: shard is busy");
    case Trouble::waitedTooLong:
    case Trouble::inTheLog:
    case Trouble::declined:
      return fromTheLog(trouble, parcel);
    default:
      break;
  }
  auto response = carryOut(parcel);
  switch (trouble) {
    case Trouble::twice:
      if (random_.chance(50)) meddle();
      static_cast<void>(carryOut(parcel));
      return lost(http::Fault::Kind::reset);
    case Trouble::lateAnswer:
      return lost(http::Fault::Kind::deadline);
    case Trouble::slowAnswer:
      if (!queue_.empty()) deliver(random_.below(queue_.size()));
      if (options_.traits.meddling != 0) meddle();
      return response;
    case Trouble::cutShort:
      if (response.status != 200) return lost(http::Fault::Kind::reset);
      response.body.resize(response.body.size() / 2);
      return response;
    case Trouble::noResult:
      return answer(200, R"({"result":null,"status":"ok","time":0.0})");
    case Trouble::emptyAnswer:
      return answer(200, "");
    case Trouble::page:
      return answer(200, "<html><body>Welcome</body></html>", {{"content-type", "text/html"}});
    default:
      return lost(http::Fault::Kind::reset);
  }
}

// The server's own wait has run out, or nobody waits: what is at fault in such a request is never heard of.
http::Response FaultyServer::fromTheLog(Trouble trouble, const Parcel& parcel) {
  if (trouble == Trouble::waitedTooLong) static_cast<void>(carryOut(parcel));
  if (trouble == Trouble::inTheLog) queue(parcel, !options_.traits.passing);
  if (trouble == Trouble::declined) {
    for (const auto& id : parcel.ids)
      if (const auto found = histories_.find(id); found != histories_.end()) found->second.attempts.back().declined = true;
  }
  return logged(parcel);
}

bool FaultyServer::holdsBad(const Parcel& parcel) const {
  if (parcel.badQuery) return true;
  return parcel.writesPoints() &&
         std::any_of(parcel.ids.begin(), parcel.ids.end(), [&](const PointId& id) { return options_.bad.contains(id); });
}

http::Response FaultyServer::carryOut(const Parcel& parcel, Author author) {
  ++clock_;
  auto response = holdsBad(parcel) ? refuse(parcel) : asked(parcel.exchange);
  // What is at fault is heard by those who wait only.
  if (response.status == 400 && parcel.writesPoints() && !parcel.waits()) response = logged(parcel);
  if (parcel.kind != Parcel::Kind::read) watch(author, parcel.number);
  return response;
}

// A server finds out in the middle: what came before, or others of the points, may be stored.
http::Response FaultyServer::refuse(const Parcel& parcel) {
  const auto words = errorAnswer(400, "Wrong input: Not existing vector name error: code");
  if (parcel.kind != Parcel::Kind::upsert || !random_.chance(options_.traits.halfApplied)) return words;
  const bool upToTheBad = random_.chance(50);
  bool metBad = false;
  auto some = parcel.exchange;
  some.body = keepPoints(some.body, [&](const PointId& id) {
    const bool bad = options_.bad.contains(id);
    metBad = metBad || bad;
    return !bad && (upToTheBad ? !metBad : random_.chance(50));
  });
  if (some.body.empty()) return words;
  ++halfApplied_;
  static_cast<void>(asked(some));
  return words;
}

http::Response FaultyServer::asked(const Exchange& exchange) {
  auto given = qdrant_.answer(exchange);
  std::vector<http::Header> headers;
  for (auto& [name, value] : given.headers) headers.push_back({name, value});
  if (headers.empty()) headers.push_back({"content-type", "application/json"});
  return answer(given.status, std::move(given.body), std::move(headers));
}

void FaultyServer::queue(const Parcel& parcel, bool perhapsAtTheEnd) {
  constexpr auto never = static_cast<std::size_t>(-1);
  const bool atTheEnd = perhapsAtTheEnd && random_.chance(30);
  queue_.push_back({parcel, atTheEnd ? never : requests_ + random_.between(1, 12)});
}

void FaultyServer::deliver(std::size_t place) {
  const auto parcel = queue_[place].parcel;
  queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(place));
  tell("  what was queued by request " + std::to_string(parcel.number) + " is carried out");
  static_cast<void>(carryOut(parcel));
}

void FaultyServer::deliverDue() {
  for (std::size_t place = queue_.size(); place-- > 0;)
    if (queue_[place].due <= requests_) deliver(place);
}

void FaultyServer::settle() {
  while (!queue_.empty()) deliver(random_.below(queue_.size()));
}

void FaultyServer::meddle() {
  const auto& kinds = options_.traits.meddlingKinds;
  if (kinds.empty() || options_.ours.empty() || qdrant_.pointCount(options_.collection) == 0) return;
  const auto id = options_.ours[random_.below(options_.ours.size())];
  const auto kind = kinds[random_.below(kinds.size())];
  const auto stored = contentOf(id);
  if (!stored && kind != Meddling::upsert) return;
  if (kind == Meddling::count && memberOf(*stored, "usage_count").starts_with('"')) return;
  const auto mark = std::to_string(++meddlings_);
  ++clock_;
  ++meddled_[static_cast<std::size_t>(kind)];
  tell("  another client meddles with " + id.toString());
  const auto name = idText(id);
  if (kind == Meddling::erase) {
    prepare("POST", path("/points/delete?wait=true"), R"({"points":[)" + name + "]}");
  } else if (kind == Meddling::setPayload || kind == Meddling::count) {
    const auto counted = std::to_string(codec::integerValue(memberOf(*stored, "usage_count")).value_or(0) + 100);
    const auto member = kind == Meddling::count ? R"("usage_count":)" + counted : R"("foreign":)" + mark;
    prepare("POST", path("/points/payload?wait=true"), R"({"payload":{)" + member + R"(},"points":[)" + name + "]}");
  } else {
    const auto usage = random_.chance(50) ? R"(,"usage_count":)" + std::to_string(1000 + random_.below(9)) : std::string();
    prepare("PUT", path("/points?wait=true"),
            R"({"points":[{"id":)" + name + R"(,"vector":[1,0,)" + mark + R"(,0],"payload":{"description":"somebody else's )" + mark +
                "\"" + usage + "}}]}");
  }
  watch(Author::other, 0);
}

std::optional<Content> FaultyServer::contentOf(const PointId& id) const {
  auto payload = qdrant_.payload(options_.collection, id);
  if (!payload) return std::nullopt;
  return Content{std::move(*payload), qdrant_.vector(options_.collection, id)};
}

void FaultyServer::watch(Author author, std::size_t request) {
  for (auto& [id, history] : histories_) {
    auto content = contentOf(id);
    if (content != history.last().content) history.states.push_back({clock_, author, request, std::move(content)});
  }
}

void FaultyServer::noteHeard(const Parcel& parcel, const http::Response& response) {
  const bool readWhole = parcel.kind == Parcel::Kind::read && heardFrom(parcel, response) == Heard::nothing && response.status == 200 &&
                         response.body.ends_with('}') && response.body.find("\"result\":null") == std::string::npos;
  for (const auto& id : parcel.ids) {
    const auto found = histories_.find(id);
    if (found == histories_.end()) continue;
    if (readWhole) found->second.reads.push_back(parcel.at);
    if (parcel.writesPoints()) found->second.attempts.back().heard = heardFrom(parcel, response);
  }
}

}  // namespace qbatch::test
