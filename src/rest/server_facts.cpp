#include "rest/server_facts.hpp"

#include <utility>

namespace qbatch::rest {

namespace {
// Others may drop a collection and fill a new one of its name by another embedder, or move an alias; no error would tell.
constexpr std::chrono::minutes trusted{1};
constexpr std::size_t most = 1000;
}  // namespace

std::optional<codec::ServerVersion> ServerFacts::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

void ServerFacts::learnVersion(codec::ServerVersion version) {
  const std::lock_guard lock(mutex_);
  version_ = std::move(version);
}

std::optional<codec::CollectionDescription> ServerFacts::collection(const std::string& name, TimePoint now) const {
  const std::lock_guard lock(mutex_);
  const auto found = collections_.find(name);
  if (found == collections_.end() || found->second.until < now) return std::nullopt;
  return found->second.description;
}

void ServerFacts::learnCollection(const std::string& name, codec::CollectionDescription description, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (collections_.size() >= most) collections_.clear();
  collections_[name] = {std::move(description), now + trusted};
}

void ServerFacts::forgetCollection(const std::string& name) {
  const std::lock_guard lock(mutex_);
  collections_.erase(name);
}

bool ServerFacts::wantsIndexes(const std::string& name, TimePoint now) const {
  const std::lock_guard lock(mutex_);
  const auto found = wantIndexes_.find(name);
  return found != wantIndexes_.end() && now <= found->second;
}

void ServerFacts::learnWantsIndexes(const std::string& name, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (wantIndexes_.size() >= most) wantIndexes_.clear();
  wantIndexes_[name] = now + trusted;
}

void ServerFacts::forgetCollections() {
  const std::lock_guard lock(mutex_);
  collections_.clear();
  wantIndexes_.clear();
}

}  // namespace qbatch::rest
