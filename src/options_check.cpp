#include "options_check.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <utility>

#include "batch/change_checks.hpp"
#include "batch/item_checks.hpp"
#include "codec/utf8.hpp"
#include "qbatch/error.hpp"
#include "rest/server_options.hpp"

namespace qbatch {

namespace {

using Problems = std::vector<std::string>;

void checkName(Problems& problems, std::string_view field, std::string_view name) {
  if (!batch::isCollectionName(name)) problems.push_back(fmt::format("{}: {}", field, batch::nameRule));
}

void checkFields(Problems& problems, const FieldNames& fields) {
  const std::pair<std::string_view, const std::string*> all[] = {
      {"fields.description", &fields.description}, {"fields.code", &fields.code},
      {"fields.language", &fields.language},       {"fields.usageCount", &fields.usageCount},
      {"fields.successRate", &fields.successRate}, {"fields.lastUsed", &fields.lastUsed}};
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < std::size(all); ++i) {
    const auto& [field, name] = all[i];
    if (!seen.insert(*name).second) problems.push_back(fmt::format("{}: two fields are called '{}'", field, codec::toValidUtf8(*name)));
    if (i >= 3 && !batch::isMetricName(*name))
      problems.push_back(fmt::format("{}: a metric's name is 1 to 48 of A-Z a-z 0-9 _ and does not begin with _qbatch", field));
    if (i < 3 &&
        (name->empty() || name->starts_with("_qbatch") || name->find_first_of(".\"") != std::string::npos || codec::findInvalidUtf8(*name)))
      problems.push_back(
          fmt::format("{}: a top-level name of UTF-8 that is not empty, has no dot and no quote and does not begin with _qbatch", field));
  }
}

void checkRetry(Problems& problems, const RetryOptions& retry) {
  if (retry.firstDelay.count() <= 0) problems.emplace_back("retry.firstDelay: must be above 0");
  if (retry.maxDelay < retry.firstDelay) problems.emplace_back("retry.maxDelay: must not be below retry.firstDelay");
  if (retry.patience.count() < 0) problems.emplace_back("retry.patience: must not be negative");
  if (retry.connectPatience.count() < 0) problems.emplace_back("retry.connectPatience: must not be negative");
}

}  // namespace

void checkOptions(const ClientOptions& options) {
  Problems problems;
  if (options.url.empty() && !options.backend)
    problems.emplace_back(
        "url: set it to a Qdrant server's, as http://localhost:6333, or set backend, for example to makeLocalBackend(file)");
  if (!options.url.empty() && options.backend) problems.emplace_back("url and backend: they contradict each other; set one of them");
  rest::checkServerOptions(problems, options);
  if (options.journal) problems.emplace_back("journal: this version keeps no journal; leave it unset");
  checkName(problems, "collection", options.collection);
  if (codec::findInvalidUtf8(options.vectorName)) problems.emplace_back("vectorName: must be UTF-8");
  if (options.threads > 1024) problems.emplace_back("threads: at most 1024");
  if (options.timeout.count() <= 0) problems.emplace_back("timeout: must be above 0");
  if (options.limits.store == 0) problems.emplace_back("limits.store: must be at least 1");
  if (options.limits.search == 0) problems.emplace_back("limits.search: must be at least 1");
  if (options.limits.update == 0) problems.emplace_back("limits.update: must be at least 1");
  checkRetry(problems, options.retry);
  if (options.flow.maxInFlight == 0) problems.emplace_back("flow.maxInFlight: must be at least 1");
  if (options.flow.maxBufferedBytes == 0) problems.emplace_back("flow.maxBufferedBytes: must be at least 1");
  checkFields(problems, options.fields);
  throwIfAny(std::move(problems));
}

void checkRead(Problems& problems, std::string_view collection, milliseconds deadline) {
  if (!collection.empty()) checkName(problems, "collection", collection);
  if (deadline.count() < 0) problems.emplace_back("deadline: must not be negative; 0 is none");
}

void checkCall(Problems& problems, std::string_view collection, milliseconds deadline, const ChunkOptions& chunk, std::size_t limit,
               std::string_view limitName) {
  checkRead(problems, collection, deadline);
  if (chunk.maxItems > limit)
    problems.push_back(
        fmt::format("chunk.maxItems: {} is above {}, which is {}; lower it or raise the limit", chunk.maxItems, limitName, limit));
  if (chunk.maxBytes == 0) problems.emplace_back("chunk.maxBytes: must be at least 1");
}

void checkSearch(Problems& problems, const SearchOptions& options) {
  if (options.limit == 0) problems.emplace_back("limit: must be at least 1");
  if (options.minScore && !std::isfinite(*options.minScore)) problems.emplace_back("minScore: must be a finite number");
  if (!options.collections.empty() && !options.collection.empty())
    problems.emplace_back("collection and collections: they contradict each other; set one of them");
  for (std::size_t i = 0; i < options.collections.size(); ++i)
    checkName(problems, fmt::format("collections[{}]", i), options.collections[i]);
}

void checkImport(Problems& problems, const ImportOptions& options) {
  const auto spool = spoolFolder(options);
  if (options.syncInterval.count() < 0) problems.emplace_back("syncInterval: must not be negative; 0 flushes after every window");
  if (!options.checkpoint.empty() && options.checkpoint == options.deadLetters)
    problems.emplace_back("deadLetters: is the file of the checkpoint; name another one");
  if (!spool.empty() && (spool == options.checkpoint || spool == options.deadLetters))
    problems.emplace_back("spool: is the file of the checkpoint or of the dead letters; name a folder of its own");
}

std::string spoolFolder(const ImportOptions& options) {
  return options.spool.empty() && !options.checkpoint.empty() ? options.checkpoint + "-spool" : options.spool;
}

void throwIfAny(Problems problems) {
  if (!problems.empty()) throw ConfigError(std::move(problems));
}

}  // namespace qbatch
