#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "run/place_run.hpp"

namespace qbatch::run {

/// The id under which a pattern is stored.
[[nodiscard]] PointId idOf(const Pattern& pattern);
/// The text that is embedded for a pattern.
void appendText(const Pattern& pattern, std::string& out);

/// Of a pattern's texts and metadata.
[[nodiscard]] std::size_t textBytes(const Pattern& pattern) noexcept;
/// What stands around them in a request, estimated: field names, quotes, the id.
inline constexpr std::size_t bytesOfNames = 160;
/// True where one of them is to be embedded.
[[nodiscard]] bool anyWithoutVector(std::span<const Pattern> patterns) noexcept;
/// Fills the chunk's payloads, points and ids.
void encodePoints(Chunk& chunk, std::span<const Pattern> patterns, std::span<const PointId> ids, const FieldNames& fields);

/// What is known of a window of patterns that an import has prepared: nothing of it is asked or embedded again.
struct PreparedWindow {
  /// How an item ended before it could be sent.
  struct Ended {
    std::size_t index{};
    Outcome outcome{};
    Error error{};
  };
  CollectionInfo place{};
  std::vector<PointId> ids{};  // one a pattern
  std::vector<Ended> ended{};  // ascending; all other patterns have vectors
};

/// storePatterns.
class StoreRun : public PlaceRun {
 public:
  /// `shared` for the async verb, `patterns` of the caller otherwise.
  StoreRun(ClientCore& core, CallOptions options, Existing existing, Durability durability, std::span<const Pattern> patterns);
  StoreRun(ClientCore& core, CallOptions options, Existing existing, Durability durability,
           std::shared_ptr<const std::vector<Pattern>> shared);
  StoreRun(ClientCore& core, CallOptions options, Existing existing, Durability durability, std::span<const Pattern> patterns,
           PreparedWindow window);

 private:
  std::size_t items() const override { return patterns().size(); }
  batch::IndexMap plan(batch::ReportBuilder& report) override;
  std::size_t maxItems() const override { return mostItems(core(), BatchRun::maxItems(), place() ? place()->limits.upsertPoints : 0); }
  std::size_t bytesOf(std::size_t index) const override { return textBytes(patterns()[index]) + bytesOfNames; }
  std::span<const float> readyVector(std::size_t index) const override { return patterns()[index].vector; }
  void textOf(std::size_t index, std::string& out) const override;
  void encode(Chunk& chunk) const override;
  Request request(const Chunk& chunk, batch::Range part) const override;
  Request readBack(const Chunk& chunk, batch::Range part) const override;
  std::vector<batch::Found> found(const Chunk& chunk, batch::Range part, const std::vector<StoredPoint>& points,
                                  Before before) const override;
  void complete(ReportData& data) override { data.ids = std::move(ids_); }

  const Existing existing_;
  const Durability durability_;
  const std::shared_ptr<const std::vector<Pattern>> shared_;
  const std::vector<PreparedWindow::Ended> ended_;
  std::vector<PointId> ids_;
};

}  // namespace qbatch::run
