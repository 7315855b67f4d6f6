#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

namespace qbatch::http {

/// Whose turn it is: so many at once to one host, the others in the order in which they came. Not thread-safe.
class HostQueue {
 public:
  using Id = std::uint64_t;

  /// `places` at once to one host; 0 is taken as 1.
  explicit HostQueue(std::size_t places);
  /// True: the id has a place at once. False: it waits until a leave() returns it.
  [[nodiscard]] bool enter(const std::string& host, Id id);
  /// Gives the place of one that had one to the next that waits, which is returned.
  [[nodiscard]] std::optional<Id> leave(const std::string& host);
  /// Takes out one that waits.
  void giveUp(const std::string& host, Id id);

 private:
  struct Lane {
    std::size_t taken = 0;
    std::deque<Id> waiting{};
  };
  std::size_t places_;
  std::unordered_map<std::string, Lane> lanes_;
};

}  // namespace qbatch::http
