#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "codec/json_object.hpp"
#include "integration/counting_process.hpp"
#include "qbatch/local_server.hpp"
#include "support/backend_calls.hpp"
#include "support/campaign.hpp"
#include "support/scratch_folder.hpp"
#include "support/start_gate.hpp"

namespace qbatch::test {

/// Points in a collection of their own, on the server that QDRANT_URL names or on a LocalServer in this process, that processes count.
class CountingBench {
 public:
  explicit CountingBench(std::uint64_t count) : points(count) {
    if (const char* given = std::getenv("QDRANT_URL"); given != nullptr && *given != '\0') {
      options_.url = given;
      if (const char* key = std::getenv("QDRANT_API_KEY")) options_.apiKey = key;
    } else {
      options_.url = server_.emplace().url();
    }
    options_.collection = "qbatch_counting_" + std::to_string(std::random_device{}());
    backend_ = makeRestBackend(options_);
    createCollection(*backend_, options_.collection, 1);
    // Half of them were never counted: what is absent counts as 0.
    std::vector<OwnedPoints::Point> fresh;
    for (std::uint64_t id = 1; id <= points; ++id)
      fresh.push_back({PointId(id), {1}, id % 2 == 0 ? R"({"name":"counted"})" : R"({"name":"counted","usage_count":0})"});
    const auto reply = store(*backend_, options_.collection, std::move(fresh), Existing::replace);
    if (reply.verdict.error) throw RequestError(reply.verdict.error);
  }
  CountingBench(const CountingBench&) = delete;
  CountingBench& operator=(const CountingBench&) = delete;
  ~CountingBench() { static_cast<void>(call(*backend_, DropCollection{options_.collection})); }

  const std::uint64_t points;

  [[nodiscard]] const std::string& url() const noexcept { return options_.url; }

  /// Starts so many processes, lets them go all at once on the server at `url`, and waits for their reports. Each makes so many updates.
  [[nodiscard]] CountingTally run(std::size_t processes, std::size_t updates, CountingProcess::Way way, const std::string& url,
                                  std::uint64_t seed) const {
    const ScratchFolder folder;
    const StartGate gate((folder.path() / "gate").string());
    std::list<ChildProcess> children;
    std::string line;
    for (std::size_t i = 0; i < processes; ++i)
      children.emplace_back(
          "child: a process that counts",
          std::vector<std::string>{"QBATCH_CHILD_URL=" + url, "QBATCH_CHILD_COLLECTION=" + options_.collection,
                                   "QBATCH_CHILD_GATE=" + gate.file(), "QBATCH_CHILD_SEED=" + std::to_string(seed + i),
                                   "QBATCH_CHILD_POINTS=" + std::to_string(points), "QBATCH_CHILD_UPDATES=" + std::to_string(updates),
                                   std::string("QBATCH_CHILD_WAY=") + (way == CountingProcess::Way::mixed ? "mixed" : "plain")});
    for (auto& child : children)
      if (!child.readLine(line) || line != "ready") throw std::runtime_error("a counting process did not begin");
    gate.open();
    CountingTally tally;
    for (auto& child : children)
      while (child.readLine(line)) tally.absorb(line);
    return tally;
  }

  /// Reads what is stored, past any proxy, by a client that knows nothing of the counting.
  [[nodiscard]] std::map<std::uint64_t, PointTally> found() const {
    std::map<std::uint64_t, PointTally> found;
    for (const auto& point : everything(*backend_, options_.collection)) {
      const auto object = codec::JsonObject::parse(point.payload);
      const auto number = [&](const char* name) -> std::int64_t {
        const auto* raw = object.find(name);
        return raw != nullptr ? std::stoll(*raw) : 0;
      };
      auto& tally = found[point.id.number()];
      tally.usage = number("usage_count");
      tally.copied = number("copied");
      if (const auto* raw = object.find("last_used")) tally.lastUsed = raw->substr(1, raw->size() - 2);
    }
    return found;
  }

  struct Marks {
    std::size_t all{}, most{};  ///< at all points, and at the point that has most of them
    [[nodiscard]] std::string text() const { return std::to_string(all) + " marks left, at most " + std::to_string(most) + " at a point"; }
  };
  /// The members by which points know their writers.
  [[nodiscard]] Marks marks() const {
    Marks marks;
    for (const auto& point : everything(*backend_, options_.collection)) {
      const auto object = codec::JsonObject::parse(point.payload);
      const auto here = static_cast<std::size_t>(
          std::count_if(object.members().begin(), object.members().end(), [](const auto& member) { return isMark(member.first); }));
      marks.all += here;
      marks.most = std::max(marks.most, here);
    }
    return marks;
  }

 private:
  static bool isMark(const std::string& name) {
    return name.starts_with("_qbatch_") && name != "_qbatch_last" && !name.starts_with("_qbatch_counter_");
  }

  std::optional<LocalServer> server_{};
  ClientOptions options_{};
  std::shared_ptr<Backend> backend_{};
};

}  // namespace qbatch::test
