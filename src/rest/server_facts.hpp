#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "codec/decode_answers.hpp"

namespace qbatch::rest {

/// What is known of a server and need not be asked again: its version for good, a collection's description for a while. Thread-safe.
class ServerFacts {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  [[nodiscard]] std::optional<codec::ServerVersion> version() const;
  void learnVersion(codec::ServerVersion version);

  [[nodiscard]] std::optional<codec::CollectionDescription> collection(const std::string& name, TimePoint now) const;
  void learnCollection(const std::string& name, codec::CollectionDescription description, TimePoint now);
  void forgetCollection(const std::string& name);
  /// Whether a collection lets nobody filter writes by members without an index.
  [[nodiscard]] bool wantsIndexes(const std::string& name, TimePoint now) const;
  void learnWantsIndexes(const std::string& name, TimePoint now);
  /// An alias was moved, or anything else that may make any description untrue.
  void forgetCollections();

 private:
  struct Known {
    codec::CollectionDescription description;
    TimePoint until;
  };
  mutable std::mutex mutex_;
  std::optional<codec::ServerVersion> version_;
  std::map<std::string, Known> collections_;
  std::map<std::string, TimePoint> wantIndexes_;  // until when that is believed
};

}  // namespace qbatch::rest
