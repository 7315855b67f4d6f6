#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "qbatch/backend.hpp"
#include "support/campaign.hpp"
#include "support/raw_client.hpp"

namespace qbatch::test {

/// Writes to points of its own over HTTP, one request after the other, each waited for, and knows what each makes of them.
class KilledWriter {
 public:
  static constexpr std::size_t dimension = 32;
  /// Which of the two states a store was found to hold that it may.
  enum class Found { answered, unanswered, otherwise };

  explicit KilledWriter(std::uint64_t number) : number_(number) {}

  /// Until the server has gone.
  void writeUntilGone(RawClient& connection, std::uint64_t seed) {
    Random random(seed);
    for (;;) {
      after_ = points_;
      lastRequest_ = nextRequest(random);
      unanswered_ = true;
      const auto answer = connection.ask(lastRequest_);
      if (!answer) return;
      unanswered_ = false;
      if (answer->status != 200) {
        refused_ = answer->body;
        return;
      }
      points_ = after_;
      ++answered_;
    }
  }

  /// Looks for this writer's points among all; what is found is what is expected from now on.
  Found settle(const std::vector<StoredPoint>& all) {
    std::map<std::uint64_t, std::pair<std::string, std::vector<float>>> found;
    for (const auto& point : all)
      if (point.id.number() / idsOfWriter == number_) found.emplace(point.id.number(), std::pair(point.payload, point.vector));
    const bool maybeApplied = std::exchange(unanswered_, false);
    if (found == contentOf(points_)) return Found::answered;
    if (!maybeApplied || found != contentOf(after_)) return Found::otherwise;
    points_ = after_;
    return Found::unanswered;
  }

  [[nodiscard]] const std::string& lastRequest() const noexcept { return lastRequest_; }
  /// What the server said against a request; "" where it took all of them.
  [[nodiscard]] const std::string& refused() const noexcept { return refused_; }
  [[nodiscard]] bool isUnanswered() const noexcept { return unanswered_; }
  std::size_t takeAnswered() noexcept { return std::exchange(answered_, 0); }

 private:
  static constexpr std::uint64_t idsOfWriter = 1000, points = 60, pointsOfGroup = 10;

  struct Point {
    std::uint64_t round{};
    std::optional<std::uint64_t> mark{};
  };
  using Points = std::map<std::uint64_t, Point>;

  [[nodiscard]] static std::uint64_t groupOf(std::uint64_t id) { return id % idsOfWriter / pointsOfGroup; }
  [[nodiscard]] std::string payloadText(std::uint64_t id, const Point& point) const {
    const auto member = [](const std::string& name, std::uint64_t value) { return '"' + name + "\":" + std::to_string(value); };
    std::string text = "{" + member("writer", number_) + "," + member("group", groupOf(id)) + "," + member("round", point.round);
    text += R"(,"text":")" + std::string((id * 7 + point.round * 31) % 400, 'x') + '"';
    if (point.mark) text += "," + member("mark", *point.mark);
    return text + "}";
  }
  [[nodiscard]] static std::vector<float> vectorOf(std::uint64_t id, const Point& point) {
    std::vector<float> vector(dimension);
    for (std::size_t i = 0; i < dimension; ++i) vector[i] = static_cast<float>((id * 31 + point.round * 17 + i * 7) % 1000);
    return vector;
  }
  [[nodiscard]] std::map<std::uint64_t, std::pair<std::string, std::vector<float>>> contentOf(const Points& expected) const {
    std::map<std::uint64_t, std::pair<std::string, std::vector<float>>> content;
    for (const auto& [id, point] : expected) content.emplace(id, std::pair(payloadText(id, point), vectorOf(id, point)));
    return content;
  }

  struct Operation {
    std::string name, method, path, body;
  };

  /// Changes `after_` as the request will.
  std::string nextRequest(Random& random) {
    ++round_;
    if (random.chance(60)) {
      const auto one = nextOperation(random);
      return rawRequest(one.method, "/collections/c/" + one.path + "?wait=true", one.body);
    }
    std::string list;
    for (auto count = random.between(2, 5); count > 0; --count) {
      const auto one = nextOperation(random);
      list += (list.empty() ? R"({"operations":[{")" : R"(,{")") + one.name + "\":" + one.body + "}";
    }
    return rawRequest("POST", "/collections/c/points/batch?wait=true", list + "]}");
  }
  Operation nextOperation(Random& random) {
    const auto kind = random.below(10);
    if (kind < 5) return upsert(random);
    const auto group = random.below(points / pointsOfGroup);
    const std::string filter = R"("filter":{"must":[{"key":"writer","match":{"value":)" + std::to_string(number_) +
                               R"(}},{"key":"group","match":{"value":)" + std::to_string(group) + "}}]}";
    if (kind < 8) {
      for (auto& [id, point] : after_)
        if (groupOf(id) == group) point.mark = round_;
      return {"set_payload", "POST", "points/payload", R"({"payload":{"mark":)" + std::to_string(round_) + "}," + filter + "}"};
    }
    if (kind == 8) {
      std::erase_if(after_, [&](const auto& entry) { return groupOf(entry.first) == group; });
      return {"delete", "POST", "points/delete", "{" + filter + "}"};
    }
    std::string ids;
    for (int i = 0; i < 5; ++i) {
      const auto id = number_ * idsOfWriter + random.below(points);
      after_.erase(id);
      ids += (i == 0 ? "" : ",") + std::to_string(id);
    }
    return {"delete", "POST", "points/delete", R"({"points":[)" + ids + "]}"};
  }
  Operation upsert(Random& random) {
    std::string list;
    const auto first = random.below(points), count = random.between(1, points);
    for (std::uint64_t i = first; i < std::min(points, first + count); ++i) {
      const auto id = number_ * idsOfWriter + i;
      const Point point{round_, std::nullopt};
      after_.insert_or_assign(id, point);
      list += (list.empty() ? R"({"id":)" : R"(,{"id":)") + std::to_string(id) + R"(,"vector":[)";
      for (const float value : vectorOf(id, point)) list += std::to_string(static_cast<int>(value)) + ",";
      list.back() = ']';
      list += R"(,"payload":)" + payloadText(id, point) + "}";
    }
    return {"upsert", "PUT", "points", R"({"points":[)" + list + "]}"};
  }

  std::uint64_t number_;
  std::uint64_t round_ = 0;
  Points points_{};  ///< what was answered
  Points after_{};   ///< the same and the request that is under way
  std::string lastRequest_{}, refused_{};
  bool unanswered_ = false;
  std::size_t answered_ = 0;
};

}  // namespace qbatch::test
