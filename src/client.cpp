#include <string_view>
#include <unordered_set>
#include <utility>

#include "options_check.hpp"
#include "qbatch/batch_client.hpp"
#include "qbatch/collections.hpp"
#include "rest/server_options.hpp"
#include "run/client_core.hpp"
#include "run/delete_run.hpp"
#include "run/import_run.hpp"
#include "run/read_run.hpp"
#include "run/run_handle.hpp"
#include "run/search_run.hpp"
#include "run/store_run.hpp"
#include "run/update_run.hpp"
#include "run/verify.hpp"
#include "verbs.hpp"

namespace qbatch {

namespace {

// The options that every verb has, checked; `options` is any of the per-call aggregates.
template <class Options>
run::CallOptions callOptions(const ClientCore& core, const Options& options, std::size_t limit, std::string_view limitName,
                             std::vector<std::string> problems = {}) {
  checkCall(problems, options.collection, options.deadline, options.chunk, limit, limitName);
  throwIfAny(std::move(problems));
  run::CallOptions call;
  call.collection = options.collection.empty() ? core.options().collection : options.collection;
  call.deadline = options.deadline;
  call.stop = options.stop;
  call.chunk = options.chunk;
  if (call.chunk.maxItems == 0) call.chunk.maxItems = limit;
  call.progress = options.progress;
  return call;
}

run::CallOptions storeCall(const ClientCore& core, const StoreOptions& options) {
  return callOptions(core, options, core.options().limits.store, "limits.store");
}

run::CallOptions searchCall(const ClientCore& core, const SearchOptions& options) {
  std::vector<std::string> problems;
  checkSearch(problems, options);
  return callOptions(core, options, core.options().limits.search, "limits.search", std::move(problems));
}

run::CallOptions updateCall(const ClientCore& core, const UpdateOptions& options) {
  std::vector<std::string> problems;
  if (!options.operationId.empty())
    problems.emplace_back("operationId: it needs a journal, which this version does not have; leave it empty");
  return callOptions(core, options, core.options().limits.update, "limits.update", std::move(problems));
}

run::CallOptions deleteCall(const ClientCore& core, const DeleteOptions& options) {
  return callOptions(core, options, core.options().limits.store, "limits.store");
}

run::CallOptions readCall(const ClientCore& core, const ReadOptions& options) {
  return callOptions(core, DeleteOptions{options.collection, options.deadline, options.stop, {}, {}}, core.options().limits.store,
                     "limits.store");
}

run::SearchQuestion questionOf(const SearchOptions& options) {
  run::SearchQuestion question{options.limit,    options.offset, options.filter.empty() ? std::string() : options.filter.json(),
                               options.minScore, options.exact,  {}};
  std::unordered_set<std::string_view> seen;
  for (const auto& name : options.collections)
    if (seen.insert(name).second) question.collections.push_back(name);
  return question;
}

std::string wholeFilter(const Filter& filter) {
  // A filter without any condition, however deep its empty clauses are nested, lets every point pass.
  const auto json = filter.json();
  const auto holds = [&](std::string_view word) { return json.find(word) != std::string::npos; };
  const bool conditions =
      holds("\"key\"") || holds("\"has_id\"") || holds("\"is_empty\"") || holds("\"is_null\"") || holds("\"has_vector\"");
  if (filter.empty() || !conditions)
    throw ConfigError({"filter: an empty filter would delete every point; give a condition, or drop the collection if that is meant"});
  return filter.json();
}

}  // namespace

BatchClient::BatchClient(ClientOptions options) {
  checkOptions(options);
  core_ = ClientCore::make(std::move(options), rest::connect);
}

BatchClient::BatchClient(BatchClient&&) noexcept = default;

BatchClient& BatchClient::operator=(BatchClient&& other) noexcept {
  BatchClient former(std::move(*this));
  core_ = std::move(other.core_);
  return *this;
}

BatchClient::~BatchClient() {
  if (!core_ || core_->forked()) return;
  if (core_->onOwnThread())
    core_->log(LogLevel::error, "a client was destroyed inside one of its own callbacks; its calls are not waited for");
  else
    core_->waitForRuns();
}

StoreReport BatchClient::storePatterns(std::span<const Pattern> patterns, const StoreOptions& options) {
  auto& core = blocking(core_, "storePatterns");
  return finished<StoreReport>(started<run::StoreRun>(core, storeCall(core, options), options.existing, options.durability, patterns));
}

ImportReport BatchClient::importPatterns(PatternSource& source, const ImportOptions& options) {
  auto& core = blocking(core_, "importPatterns");
  std::vector<std::string> problems;
  checkImport(problems, options);
  const auto call = callOptions(core, options, core.options().limits.store, "limits.store", std::move(problems));
  auto resolved = options;
  resolved.collection = call.collection;
  resolved.chunk = call.chunk;
  return std::make_shared<run::ImportRun>(core, std::move(resolved), source)->run();
}

ImportReport BatchClient::importPatterns(std::function<std::optional<Pattern>()> generate, const ImportOptions& options) {
  const auto source = makePatternSource(std::move(generate));
  return importPatterns(*source, options);
}

VerifyReport BatchClient::verifyPatterns(PatternSource& source, const VerifyOptions& options) {
  auto& core = blocking(core_, "verifyPatterns");
  auto resolved = options;
  resolved.collection = callOptions(core, DeleteOptions{options.collection, options.deadline, options.stop, {}, {}},
                                    core.options().limits.store, "limits.store")
                            .collection;
  return run::Verify(core, std::move(resolved), source).run();
}

SearchReport BatchClient::searchPatterns(std::span<const Query> queries, const SearchOptions& options) {
  auto& core = blocking(core_, "searchPatterns");
  return finished<SearchReport>(
      started<run::SearchRun>(core, searchCall(core, options), questionOf(options), std::vector<Query>(queries.begin(), queries.end())));
}

SearchReport BatchClient::searchPatterns(std::span<const std::string> queries, const SearchOptions& options) {
  std::vector<Query> texts;
  texts.reserve(queries.size());
  for (const auto& query : queries) texts.push_back({query, {}});
  return searchPatterns(texts, options);
}

UpdateReport BatchClient::updateMetrics(std::span<const MetricUpdate> updates, const UpdateOptions& options) {
  auto& core = blocking(core_, "updateMetrics");
  return finished<UpdateReport>(started<run::UpdateRun>(core, updateCall(core, options), updates));
}

DeleteReport BatchClient::deletePatterns(std::span<const PointId> ids, const DeleteOptions& options) {
  auto& core = blocking(core_, "deletePatterns");
  return finished<DeleteReport>(started<run::DeleteRun>(core, deleteCall(core, options), std::vector<PointId>(ids.begin(), ids.end())));
}

DeleteReport BatchClient::deletePatterns(const Filter& filter, const DeleteOptions& options) {
  auto& core = blocking(core_, "deletePatterns");
  return finished<DeleteReport>(started<run::DeleteRun>(core, deleteCall(core, options), wholeFilter(filter)));
}

std::vector<std::optional<Hit>> BatchClient::getPatterns(std::span<const PointId> ids, const ReadOptions& options) {
  auto& core = blocking(core_, "getPatterns");
  const auto run = started<run::RetrieveRun>(core, readCall(core, options), std::vector<PointId>(ids.begin(), ids.end()));
  run->wait();
  throwIfFailed(*run);
  return run->takeHits();
}

std::size_t BatchClient::countPatterns(const Filter& filter, const ReadOptions& options) {
  auto& core = blocking(core_, "countPatterns");
  const auto run = started<run::CountRun>(core, readCall(core, options), filter.empty() ? std::string() : filter.json());
  run->wait();
  throwIfFailed(*run);
  return run->count();
}

Job<StoreReport> BatchClient::storePatternsAsync(std::vector<Pattern> patterns, StoreOptions options) {
  return storeSharedAsync(std::make_shared<const std::vector<Pattern>>(std::move(patterns)), std::move(options));
}

Job<StoreReport> BatchClient::storeSharedAsync(std::shared_ptr<const std::vector<Pattern>> patterns, StoreOptions options) {
  auto& core = async(core_, "storeSharedAsync");
  if (!patterns) throw ConfigError({"patterns: a pointer to patterns is needed, and is null"});
  return Job<StoreReport>(std::make_shared<RunHandle>(
      core_, started<run::StoreRun>(core, storeCall(core, options), options.existing, options.durability, std::move(patterns))));
}

Job<SearchReport> BatchClient::searchPatternsAsync(std::vector<Query> queries, SearchOptions options) {
  auto& core = async(core_, "searchPatternsAsync");
  return Job<SearchReport>(std::make_shared<RunHandle>(
      core_, started<run::SearchRun>(core, searchCall(core, options), questionOf(options), std::move(queries))));
}

Job<UpdateReport> BatchClient::updateMetricsAsync(std::vector<MetricUpdate> updates, UpdateOptions options) {
  auto& core = async(core_, "updateMetricsAsync");
  return Job<UpdateReport>(
      std::make_shared<RunHandle>(core_, started<run::UpdateRun>(core, updateCall(core, options), std::move(updates))));
}

Job<DeleteReport> BatchClient::deletePatternsAsync(std::vector<PointId> ids, DeleteOptions options) {
  auto& core = async(core_, "deletePatternsAsync");
  return Job<DeleteReport>(std::make_shared<RunHandle>(core_, started<run::DeleteRun>(core, deleteCall(core, options), std::move(ids))));
}

Job<DeleteReport> BatchClient::deletePatternsAsync(Filter filter, DeleteOptions options) {
  auto& core = async(core_, "deletePatternsAsync");
  return Job<DeleteReport>(
      std::make_shared<RunHandle>(core_, started<run::DeleteRun>(core, deleteCall(core, options), wholeFilter(filter))));
}

Job<ReadReport> BatchClient::getPatternsAsync(std::vector<PointId> ids, ReadOptions options) {
  auto& core = async(core_, "getPatternsAsync");
  return Job<ReadReport>(std::make_shared<RunHandle>(core_, started<run::RetrieveRun>(core, readCall(core, options), std::move(ids))));
}

Collections BatchClient::collections() const {
  static_cast<void>(async(core_, "collections"));
  return Collections(core_);
}

}  // namespace qbatch
