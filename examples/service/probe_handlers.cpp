// What those ask who run the service: is it there, can it work, what has it done, what does it take.
#include <utility>
#include <variant>

#include "handlers.hpp"
#include "interface_text.hpp"
#include "json_values.hpp"
#include "qbatch/backend.hpp"
#include "qbatch/version.hpp"

namespace service {
namespace {

constexpr std::chrono::seconds probeTime{2};

std::string collectionJson(const qbatch::CollectionInfo& info) {
  qbatch::Payload entry{{"name", info.name}};
  entry.set("points", info.points).set("size", info.dimension).set("distance", toString(info.distance));
  entry.set("vector_name", std::string_view(info.vectorName)).set("embedder", std::string_view(info.embedder));
  return std::string(entry.setJson("aliases", cli::jsonStrings(info.aliases)).json());
}

/// One request to the store, in one attempt, whose answer comes when it comes.
void ask(Tools& tools, qbatch::Request request, std::chrono::milliseconds time, std::function<void(qbatch::Reply)> then) {
  const auto kept = std::make_shared<qbatch::Request>(std::move(request));
  const qbatch::CallLimits limits{.deadline = std::chrono::steady_clock::now() + time, .stop = tools.stop};
  tools.backend->run(*kept, limits, [kept, then = std::move(then)](qbatch::Reply reply) { then(std::move(reply)); });
}

}  // namespace

void tellHealth(Tools&, Call call) { call.reply({jsonAnswer(200, "{\"status\":\"ok\"}")}); }

void tellReadiness(Tools& tools, Call call) {
  if (tools.draining) return call.reply({errorAnswer(503, "the service is about to stop")});
  // Not DescribeCollection: what a collection is, is known already. Which point is asked for does not matter, nor whether it is there.
  static const std::vector<qbatch::PointId> any{qbatch::PointId(0)};
  qbatch::RetrievePoints request{.collection = tools.collection, .ids = any, .withPayload = false};
  ask(tools, std::move(request), probeTime, [reply = std::move(call.reply)](const qbatch::Reply& answer) {
    const auto& verdict = answer.verdict;
    const bool there = verdict.kind == qbatch::Verdict::Kind::completed || verdict.error.code() == qbatch::Errc::collectionNotFound;
    if (there) return give(reply, {jsonAnswer(200, "{\"status\":\"ready\"}")});
    // Whoever asks has shown no key: where the store is, is none of their business.
    give(reply, {errorAnswer(503, "the store does not answer: " + verdict.error.code().message())});
  });
}

void listCollections(Tools& tools, Call call) {
  ask(tools, qbatch::ListCollections{}, tools.requestTime, [reply = std::move(call.reply)](const qbatch::Reply& answer) {
    const auto* list = std::get_if<std::vector<qbatch::CollectionInfo>>(&answer.answer);
    if (answer.verdict.kind != qbatch::Verdict::Kind::completed || list == nullptr)
      return give(reply, {errorAnswer(statusOf(answer.verdict.error), answer.verdict.error.message())});
    std::string collections;
    for (const auto& info : *list) collections += (collections.empty() ? "" : ",") + collectionJson(info);
    give(reply, {jsonAnswer(200, "{\"status\":\"success\",\"collections\":[" + collections + "]}")});
  });
}

void tellFigures(Tools& tools, Call call) {
  call.reply({{.contentType = "text/plain; version=0.0.4; charset=utf-8", .body = tools.figures.text()}});
}

void tellInterface(Tools&, Call call) { call.reply({jsonAnswer(200, std::string(interfaceText()))}); }

void tellName(Tools&, Call call) {
  const std::string version(qbatch::version());
  call.reply({jsonAnswer(200, R"({"service":"qbatch-service","version":")" + version + R"(","interface":"/openapi.json"})")});
}

}  // namespace service
