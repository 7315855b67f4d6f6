// The batch endpoints: many items a request, one answer with the truth about each.
#include <algorithm>
#include <utility>
#include <variant>

#include "handlers.hpp"
#include "requests.hpp"

namespace service {

void storePatterns(Tools& tools, Call call) {
  auto request = readStore(call.request.body, tools.limits.store);
  const auto parsed = std::make_shared<qbatch::ParsedItems<qbatch::Pattern>>(std::move(request.patterns));
  // Shared with the call, as the answer names those that failed.
  const std::shared_ptr<const std::vector<qbatch::Pattern>> patterns(parsed, &parsed->items);
  auto job = tools.client.storeSharedAsync(patterns, withLimits(std::move(request.options), tools));
  answerWhenDone(tools, std::move(job), std::move(call.reply), [&figures = tools.figures, parsed](const qbatch::StoreReport& report) {
    figures.items("store", report, parsed->refused.size());
    return batchAnswer(report, toJson(report, *parsed));
  });
}

void requireFewHits(const Tools& tools, std::size_t queries, const qbatch::SearchOptions& options) {
  const auto places = std::max<std::size_t>(1, options.collections.size()) * std::max<std::size_t>(1, queries);
  const auto each = options.limit > tools.maxHits ? tools.maxHits + 1 : options.limit + std::min(options.offset, tools.maxHits);
  if (each <= tools.maxHits / places) return;
  throw Refusal(413, std::to_string(queries) + " queries with a limit of " + std::to_string(options.limit) + " and an offset of " +
                         std::to_string(options.offset) + ", times the collections, ask for more than the " +
                         std::to_string(tools.maxHits) +
                         " hits of one request; ask for less at once, or start the service with a larger --max-hits");
}

void searchPatterns(Tools& tools, Call call) {
  auto request = readSearch(call.request.body, tools.limits.search);
  requireFewHits(tools, request.queries.size(), request.options);
  const auto parsed = std::make_shared<qbatch::ParsedItems<qbatch::Query>>(std::move(request.queries));
  auto job = tools.client.searchPatternsAsync(parsed->items, withLimits(std::move(request.options), tools));
  answerWhenDone(tools, std::move(job), std::move(call.reply), [&figures = tools.figures, parsed](const qbatch::SearchReport& report) {
    figures.items("search", report, parsed->refused.size());
    return batchAnswer(report, toJson(report, *parsed));
  });
}

void updateMetrics(Tools& tools, Call call) {
  auto request = readUpdate(call.request.body, tools.limits.update);
  const auto parsed = std::make_shared<qbatch::ParsedItems<qbatch::MetricUpdate>>(std::move(request.updates));
  auto job = tools.client.updateMetricsAsync(parsed->items, withLimits(std::move(request.options), tools));
  answerWhenDone(tools, std::move(job), std::move(call.reply), [&figures = tools.figures, parsed](const qbatch::UpdateReport& report) {
    figures.items("update", report, parsed->refused.size());
    return batchAnswer(report, toJson(report, *parsed));
  });
}

void deletePatterns(Tools& tools, Call call) {
  auto request = readDelete(call.request.body, tools.limits.store);
  auto options = withLimits(std::move(request.options), tools);
  auto* ids = std::get_if<std::vector<qbatch::PointId>>(&request.what);
  auto job = ids != nullptr ? tools.client.deletePatternsAsync(std::move(*ids), std::move(options))
                            : tools.client.deletePatternsAsync(std::get<qbatch::Filter>(std::move(request.what)), std::move(options));
  answerWhenDone(tools, std::move(job), std::move(call.reply), [&figures = tools.figures](const qbatch::DeleteReport& report) {
    figures.items("delete", report);
    return batchAnswer(report, toJson(report));
  });
}

void changeCollections(Tools& tools, Call call) {
  auto request = readCollections(call.request.body, tools.limits.search);
  const auto changes = std::make_shared<std::vector<qbatch::CollectionChange>>(std::move(request.changes));
  auto job = tools.collections.applyAsync(*changes, withLimits(qbatch::CollectionsOptions(), tools));
  answerWhenDone(tools, std::move(job), std::move(call.reply),
                 [&figures = tools.figures, changes](const qbatch::CollectionsReport& report) {
                   figures.items("collections", report);
                   return batchAnswer(report, toJson(report, *changes));
                 });
}

}  // namespace service
