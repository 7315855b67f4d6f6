#include "qbatch/collections.hpp"

#include <utility>

#include "options_check.hpp"
#include "rest/server_options.hpp"
#include "run/collections_run.hpp"
#include "run/run_handle.hpp"
#include "verbs.hpp"

namespace qbatch {

namespace {

run::CallOptions collectionsCall(const CollectionsOptions& options) {
  std::vector<std::string> problems;
  checkRead(problems, {}, options.deadline);
  throwIfAny(std::move(problems));
  run::CallOptions call;
  call.deadline = options.deadline;
  call.stop = options.stop;
  return call;
}

// Nothing is embedded here, and one request follows the other.
ClientOptions withFewThreads(ClientOptions options) {
  if (options.threads == 0) options.threads = 1;
  return options;
}

}  // namespace

Collections::Collections(ClientOptions options) {
  checkOptions(options);
  core_ = ClientCore::make(withFewThreads(std::move(options)), rest::connect);
}

Collections::Collections(std::shared_ptr<ClientCore> core) noexcept : core_(std::move(core)) {}

CollectionsReport Collections::apply(std::span<const CollectionChange> changes, const CollectionsOptions& options) {
  auto& core = blocking(core_, "Collections::apply");
  return finished<CollectionsReport>(
      started<run::CollectionsRun>(core, collectionsCall(options), std::vector<CollectionChange>(changes.begin(), changes.end())));
}

Job<CollectionsReport> Collections::applyAsync(std::vector<CollectionChange> changes, CollectionsOptions options) {
  auto& core = async(core_, "Collections::applyAsync");
  return Job<CollectionsReport>(
      std::make_shared<RunHandle>(core_, started<run::CollectionsRun>(core, collectionsCall(options), std::move(changes))));
}

CollectionsReport Collections::create(std::span<const CollectionInfo> collections, const CollectionsOptions& options) {
  std::vector<CollectionChange> changes;
  for (const auto& info : collections) changes.emplace_back(CreateCollection{info});
  return apply(changes, options);
}

CollectionsReport Collections::drop(std::span<const std::string> names, const CollectionsOptions& options) {
  std::vector<CollectionChange> changes;
  for (const auto& name : names) changes.emplace_back(DropCollection{name});
  return apply(changes, options);
}

CollectionsReport Collections::alias(std::span<const SetAlias> aliases, const CollectionsOptions& options) {
  return apply(std::vector<CollectionChange>(aliases.begin(), aliases.end()), options);
}

std::vector<CollectionInfo> Collections::list(const CollectionsOptions& options) {
  const auto run = started<run::ListRun>(blocking(core_, "Collections::list"), collectionsCall(options));
  run->wait();
  throwIfFailed(*run);
  return run->takeList();
}

}  // namespace qbatch
