#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/client_fixture.hpp"

// A client whose upserts are answered as a test says, and what they carried.
namespace qbatch::test {

inline Verdict verdictOf(Verdict::Kind kind, bool maybeApplied = false) {
  Verdict verdict;
  verdict.kind = kind;
  const bool passed = kind == Verdict::Kind::completed || kind == Verdict::Kind::acknowledged;
  if (!passed) verdict.error = Error(Errc::unavailable, Origin::server, "scripted");
  verdict.maybeApplied = maybeApplied;
  return verdict;
}
inline Verdict lost() { return verdictOf(Verdict::Kind::unavailable, true); }
inline Verdict conditional() {
  Verdict verdict;
  verdict.conditional = true;
  return verdict;
}

/// Patterns with ids from 1 on, each with a text of another length, so that its vector is its own.
inline std::vector<Pattern> differentPatterns(std::size_t count) {
  std::vector<Pattern> patterns(count);
  for (std::size_t i = 0; i < count; ++i) {
    patterns[i].id = PointId(i + 1);
    patterns[i].description = "pattern " + std::string(i + 1, 'x');
  }
  return patterns;
}

/// What somebody else writes.
inline FakeBackend::Stored foreign(std::string payload = R"({"by":"somebody else"})") { return {{1, 0, 0, 0}, std::move(payload)}; }

/// What one upsert carried.
struct Carried {
  std::vector<PointId> ids;
  std::map<PointId, FakeBackend::Stored> points;
  std::vector<PointBefore> before;
};
inline Carried carriedBy(const UpsertPoints& upsert) {
  Carried carried;
  for (const auto& point : upsert.points) {
    carried.ids.push_back(point.id);
    carried.points[point.id] = {{point.vector.begin(), point.vector.end()}, std::string(point.payload)};
  }
  carried.before.assign(upsert.before.begin(), upsert.before.end());
  return carried;
}

/// A client over a backend whose answers to upserts are scripted; what the script says nothing of is carried out.
struct ScriptedUpserts : ClientFixture {
  std::vector<Carried> upserts;
  std::function<std::optional<Verdict>(std::size_t count, const Carried& carried)> script;

  ScriptedUpserts() {
    options.flow.maxInFlight = 1;
    backend->hook = [this](const Request& request) -> std::optional<Verdict> {
      const auto* upsert = std::get_if<UpsertPoints>(&request);
      if (!upsert) return std::nullopt;
      upserts.push_back(carriedBy(*upsert));
      return script ? script(upserts.size(), upserts.back()) : std::nullopt;
    };
  }
};

inline StoreOptions replacing(std::size_t chunk = 0) {
  StoreOptions options;
  options.chunk.maxItems = chunk;
  options.existing = Existing::replace;
  return options;
}

inline std::vector<PointId> idsOf(std::initializer_list<std::uint64_t> numbers) {
  return std::vector<PointId>(numbers.begin(), numbers.end());
}

}  // namespace qbatch::test
