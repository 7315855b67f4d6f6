// Operations on one pattern, on the same code as the batches.
#include <utility>

#include "handlers.hpp"
#include "json_values.hpp"
#include "qbatch/error.hpp"
#include "query_text.hpp"
#include "requests.hpp"

namespace service {
namespace {

qbatch::PointId idIn(const Call& call) {
  try {
    return qbatch::PointId::parse(call.parameters.front());
  } catch (const qbatch::ParseError&) {
    throw Refusal(400, "the id in the address must be a whole number from 0 to 18446744073709551615 or a UUID");
  }
}

/// `?collection=NAME`; empty where it is not there.
std::string collectionIn(const Call& call) {
  std::string collection;
  for (auto& [name, value] : queryParameters(call.request.query)) {
    if (name != "collection") throw Refusal(400, "unknown parameter \"" + name + "\"; there is collection");
    if (!collection.empty()) throw Refusal(400, "the parameter collection stands twice");
    if (value.empty()) throw Refusal(400, "the parameter collection must be the name of a collection, and is empty");
    collection = std::move(value);
  }
  return collection;
}

/// The one entry of a search's response.
std::string firstResult(const std::string& response) {
  std::string first;
  cli::forEachMember(response, [&](std::string_view name, std::string_view value) {
    if (name == "batch_results") cli::forEachElement(value, [&](std::string_view entry) { first = entry; });
  });
  return first;
}

bool succeeded(const qbatch::BatchReport& report) { return report.failures().empty() && !report.stopped(); }

Answer success(const qbatch::PointId& id) { return {jsonAnswer(200, "{\"status\":\"success\",\"id\":" + cli::jsonId(id) + "}")}; }

}  // namespace

void storePattern(Tools& tools, Call call) {
  auto request = readPattern(call.request.body);
  auto job = tools.client.storePatternsAsync(std::move(request.patterns.items), withLimits(std::move(request.options), tools));
  answerWhenDone(tools, std::move(job), std::move(call.reply), [&figures = tools.figures](const qbatch::StoreReport& report) {
    figures.items("store", report);
    return succeeded(report) ? success(report.id(0)) : failureAnswer(report);
  });
}

void searchOnce(Tools& tools, Call call) {
  auto request = readOneSearch(call.request.body);
  requireFewHits(tools, 1, request.options);
  const bool several = request.options.collections.size() > 1;
  const auto queries = std::make_shared<std::vector<qbatch::Query>>(std::move(request.queries.items));
  auto job = tools.client.searchPatternsAsync(*queries, withLimits(std::move(request.options), tools));
  answerWhenDone(tools, std::move(job), std::move(call.reply),
                 [&figures = tools.figures, queries, several](const qbatch::SearchReport& report) {
                   figures.items("search", report);
                   // Of several collections some may have been searched: then there are hits, and an error beside them.
                   if (!succeeded(report) && !(several && !report.stopped())) return failureAnswer(report);
                   return Answer{jsonAnswer(200, "{\"status\":\"success\"," + firstResult(toJson(report, *queries)).substr(1))};
                 });
}

void readPatternById(Tools& tools, Call call) {
  const auto id = idIn(call);
  auto job = tools.client.getPatternsAsync({id}, withLimits(qbatch::ReadOptions{.collection = collectionIn(call)}, tools));
  answerWhenDone(tools, std::move(job), std::move(call.reply), [id](const qbatch::ReadReport& report) {
    if (!succeeded(report)) return failureAnswer(report);
    const auto* hit = report.pattern(0);
    if (hit == nullptr) return Answer{errorAnswer(404, "there is no pattern with the id " + id.toString())};
    return Answer{jsonAnswer(200, "{\"status\":\"success\",\"pattern\":" + toJson(*hit) + "}")};
  });
}

void deletePatternById(Tools& tools, Call call) {
  const auto id = idIn(call);
  auto job = tools.client.deletePatternsAsync(std::vector{id}, withLimits(qbatch::DeleteOptions{.collection = collectionIn(call)}, tools));
  answerWhenDone(tools, std::move(job), std::move(call.reply), [&figures = tools.figures, id](const qbatch::DeleteReport& report) {
    figures.items("delete", report);
    return succeeded(report) ? success(id) : failureAnswer(report);
  });
}

void updatePatternById(Tools& tools, Call call) {
  const auto id = idIn(call);
  auto request = readOneUpdate(call.request.body, id);
  auto job = tools.client.updateMetricsAsync(std::move(request.updates.items), withLimits(std::move(request.options), tools));
  answerWhenDone(tools, std::move(job), std::move(call.reply), [&figures = tools.figures, id](const qbatch::UpdateReport& report) {
    figures.items("update", report);
    return succeeded(report) ? success(id) : failureAnswer(report);
  });
}

}  // namespace service
