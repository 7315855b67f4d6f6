#include "serve/api.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <utility>

#include "local/body_errors.hpp"
#include "local/refusal.hpp"
#include "serve/api_call.hpp"
#include "serve/api_reads.hpp"
#include "serve/api_writes.hpp"

namespace qbatch::serve {
namespace {

HttpResponse plain(int status, std::string text) { return {status, "text/plain; charset=utf-8", std::move(text)}; }

/// What needs no store.
std::optional<HttpResponse> serviceAnswer(const ApiCall& call) {
  if (call.is("GET /healthz") || call.is("GET /livez")) return plain(200, "healthz check passed");
  if (call.is("GET /readyz")) return plain(200, "all shards are ready");
  if (!call.is("GET /")) return std::nullopt;
  // Clients tell a server by this title and by the version of the API that it speaks.
  return HttpResponse{
      200, "application/json",
      R"({"title":"qdrant - vector search engine","version":"1.18.3","commit":"0000000000000000000000000000000000000000"})"};
}

/// Endpoints of a Qdrant server that are missing here: who calls one is told so.
bool isUnsupported(const ApiCall& call) {
  constexpr std::array<std::string_view, 24> routes{"POST /collections/*/points/recommend/batch",
                                                    "POST /collections/*/points/recommend/groups",
                                                    "POST /collections/*/points/discover",
                                                    "POST /collections/*/points/discover/batch",
                                                    "POST /collections/*/points/search/groups",
                                                    "POST /collections/*/points/query/groups",
                                                    "POST /collections/*/points/search/matrix/pairs",
                                                    "POST /collections/*/points/search/matrix/offsets",
                                                    "PUT /collections/*/shards",
                                                    "POST /collections/*/shards/delete",
                                                    "POST /collections/*/cluster",
                                                    "GET /collections/*/snapshots",
                                                    "POST /collections/*/snapshots",
                                                    "PUT /collections/*/snapshots/recover",
                                                    "POST /collections/*/snapshots/upload",
                                                    "GET /snapshots",
                                                    "POST /snapshots",
                                                    "PUT /collections/*/vectors/*",
                                                    "DELETE /collections/*/vectors/*",
                                                    "GET /collections/*/optimizations",
                                                    "GET /telemetry",
                                                    "GET /metrics",
                                                    "GET /issues",
                                                    "GET /cluster"};
  return std::any_of(routes.begin(), routes.end(), [&](std::string_view route) { return call.is(route); });
}

Error unsupported(const ApiCall& call) {
  std::string path;
  for (const std::string& segment : call.path) path += "/" + segment;
  return local::unsupportedRefusal("the endpoint " + call.method + " " + path).error();
}

HttpResponse faultAnswer(const AnswerClock& clock, const std::exception& fault) {
  if (const auto* refusal = dynamic_cast<const local::Refusal*>(&fault)) return clock.failed(refusal->verdict().error);
  if (const auto* error = dynamic_cast<const RequestError*>(&fault)) return clock.failed(error->error());
  if (dynamic_cast<const std::bad_alloc*>(&fault) != nullptr)
    return clock.failed(Error(Errc::internal, Origin::server, "out of memory: ask for less at once"));
  return clock.failed(Error(Errc::internal, Origin::server, fault.what()));
}

}  // namespace

void Api::handle(HttpRequest request, Respond respond) {
  const AnswerClock clock;
  try {
    auto call = ApiCall::of(std::move(request));
    if (!call) return respond(clock.failed(local::refusal(400, "Bad request: the address is no valid UTF-8 or badly encoded").error()));
    if (auto answer = serviceAnswer(*call)) return respond(std::move(*answer));
    if (const auto error = engine_.unusable()) return respond(clock.failed(*error));
    const auto body = std::make_shared<const Body>(std::move(call->body));
    if (auto job = writeJob(*call, body, *engine_.names(), clock, respond)) return engine_.write(std::move(job));
    if (auto result = readResult(*call, *body, *engine_.names())) return respond(clock.ok(*result));
    if (isUnsupported(*call)) return respond(clock.failed(unsupported(*call)));
    respond(plain(404, ""));
  } catch (const std::exception& fault) {
    respond(faultAnswer(clock, fault));
  }
}

}  // namespace qbatch::serve
