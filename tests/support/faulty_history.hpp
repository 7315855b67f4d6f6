#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_object.hpp"
#include "qbatch/point_id.hpp"

// What really happened to each point during a schedule. Times are numbers of events.
namespace qbatch::test {

struct Content {
  std::string payload{};
  std::vector<float> vector{};
  friend bool operator==(const Content&, const Content&) = default;
};

enum class Author { before, ours, other };

/// What a point held from `at` on.
struct PointState {
  std::size_t at{};
  Author author = Author::before;
  std::size_t request{};             ///< of the client under test; else 0
  std::optional<Content> content{};  ///< none: there was no such point
};

/// What the client was told of one of its writes.
enum class Heard {
  nothing,     ///< no answer, or one after which the write may have been applied or not
  surelyNot,   ///< what leaves no doubt that nothing was applied
  refused,     ///< that some item is at fault
  inTheLog,    ///< that it will be applied
  carriedOut,  ///< that it was
};

/// One write of the client that carried the point.
struct Attempt {
  std::size_t at{};  ///< when it was received
  std::size_t request{};
  bool alone = false;  ///< no other point in it
  bool declined = false;
  Heard heard = Heard::nothing;
};

struct PointHistory {
  std::vector<PointState> states{};
  std::vector<Attempt> attempts{};
  std::vector<std::size_t> reads{};  ///< when the client learned what the point held

  [[nodiscard]] const PointState& last() const { return states.back(); }
  /// What is there at that time.
  [[nodiscard]] const PointState& heldAt(std::size_t time) const {
    auto place = states.size() - 1;
    while (place > 0 && states[place].at > time) --place;
    return states[place];
  }
  template <class Condition>
  [[nodiscard]] bool anyState(Condition condition) const {
    for (const auto& state : states)
      if (condition(state)) return true;
    return false;
  }
  template <class Condition>
  [[nodiscard]] bool anyAttempt(Condition condition) const {
    for (const auto& attempt : attempts)
      if (condition(attempt)) return true;
    return false;
  }
  [[nodiscard]] bool writtenBy(Author author, std::size_t from = 0) const {
    return anyState([&](const PointState& state) { return state.author == author && state.at >= from; });
  }
  /// For messages.
  [[nodiscard]] std::string text() const;
};

using Histories = std::map<PointId, PointHistory>;

/// Without metrics and the library's own keys, members in the order of their names: what two payloads have in common if they say the same.
[[nodiscard]] std::string contentOf(std::string_view payload);
/// Equal in direction and, unless `normalised`, in length, to 1e-5.
[[nodiscard]] bool sameVector(const std::vector<float>& a, const std::vector<float>& b, bool normalised);
/// True where some member of `read` that can be compared (no array, no object) is another in `now`, or gone. New members are not seen.
[[nodiscard]] bool someMemberDiffers(const Content& read, const Content& now);
/// A member's raw JSON; empty where it is absent or null.
[[nodiscard]] std::string memberOf(const Content& content, std::string_view member);

}  // namespace qbatch::test
