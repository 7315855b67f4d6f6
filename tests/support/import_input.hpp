#pragma once
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qbatch/import.hpp"
#include "run/store_run.hpp"
#include "support/campaign.hpp"

namespace qbatch::test {

/// A random input of an import, and what each of its items is.
class ImportInput {
 public:
  enum class Kind {
    good,
    noPattern,  ///< a line that is none
    invalid,    ///< what the local check refuses
    poisoned,   ///< what the server refuses
    badText,    ///< what the embedder always fails for
  };
  struct Item {
    ImportItem item{};
    Kind kind{};
    PointId id{0};
    std::size_t marker{};  ///< of its content: the first item with it
    bool text = false;     ///< without a vector
  };

  ImportInput(Random& random, std::size_t size) {
    const auto bad = static_cast<unsigned>(random.chance(50) ? random.below(20) : 0);
    const auto texts = static_cast<unsigned>(random.below(3) * 50);
    const auto repeated = static_cast<unsigned>(random.chance(60) ? random.below(30) : 0);
    for (std::size_t index = 0; index < size; ++index) {
      if (index > 0 && random.chance(repeated / 3)) {  // the same once more
        const auto& former = items_[random.below(index)];
        if (former.kind == Kind::good && former.item.pattern.id) {
          auto copy = former;
          copy.item.line = index + 1;
          add(std::move(copy));
          continue;
        }
      }
      add(makeItem(random, index, bad, texts, repeated));
    }
  }

  [[nodiscard]] const std::vector<Item>& items() const noexcept { return items_; }
  [[nodiscard]] const Item& operator[](std::size_t index) const { return items_[index]; }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  /// The items with that id, ascending.
  [[nodiscard]] const std::vector<std::size_t>& withId(const PointId& id) const { return byId_.at(id); }
  /// Those that hold this content.
  [[nodiscard]] const std::vector<std::size_t>& withMarker(std::size_t marker) const { return byMarker_.at(marker); }
  [[nodiscard]] bool isRepeated(std::size_t index) const { return byMarker_.at(items_[index].marker).size() > 1; }

  /// The marker in a payload or a text that was made here.
  static std::size_t markerIn(std::string_view text) {
    const auto at = text.find("item ");
    std::size_t marker = static_cast<std::size_t>(-1);
    if (at != std::string_view::npos) std::from_chars(text.data() + at + 5, text.data() + text.size(), marker);
    return marker;
  }
  /// The vector that the item is stored with: its own, or the one that FakeEmbedder makes.
  [[nodiscard]] std::vector<float> vectorOf(std::size_t marker) const {
    const auto& pattern = items_[marker].item.pattern;
    return pattern.vector.empty() ? std::vector<float>{static_cast<float>(pattern.description.size()), 1, 0, 0} : pattern.vector;
  }

 private:
  Item makeItem(Random& random, std::size_t index, unsigned bad, unsigned texts, unsigned repeated) {
    Item made;
    made.marker = index;
    made.item.line = index + 1;
    if (random.chance(bad)) made.kind = static_cast<Kind>(1 + random.below(4));
    if (made.kind == Kind::noPattern) {
      made.item.problem = "no JSON";
      made.item.text = "{item " + std::to_string(index);
      return made;
    }
    auto& pattern = made.item.pattern;
    pattern.description = "item " + std::to_string(index) + " " + std::string(random.below(random.chance(5) ? 5000 : 40), 'x');
    made.text = made.kind == Kind::badText || random.chance(texts);
    if (!made.text) pattern.vector = {static_cast<float>(index + 1), 1, 0, 0};
    if (made.kind == Kind::badText) pattern.description += " bad";
    if (made.kind == Kind::poisoned) pattern.metadata.set("poison", true);
    if (made.kind == Kind::invalid) pattern.metadata.set("code", "not here");
    if (random.chance(repeated)) {
      // A bad item is never the later one: what is left then depends on the windows.
      const PointId id(random.below(1 + items_.size() / 2));
      if (made.kind == Kind::good || !byId_.contains(id)) pattern.id = id;
    }
    made.id = run::idOf(pattern);
    return made;
  }
  void add(Item item) {
    if (item.kind != Kind::noPattern) {
      byId_[item.id].push_back(items_.size());
      byMarker_[item.marker].push_back(items_.size());
    }
    items_.push_back(std::move(item));
  }

  std::vector<Item> items_{};
  std::map<PointId, std::vector<std::size_t>> byId_{};
  std::map<std::size_t, std::vector<std::size_t>> byMarker_{};
};

/// Gives an ImportInput, item by item.
class InputSource : public PatternSource {
 public:
  explicit InputSource(const ImportInput& input) : input_(input) {}
  /// Called with the index of each item before it is given; may throw.
  std::function<void(std::size_t)> before = [](std::size_t) {};

  bool next(ImportItem& item, std::stop_token) override {
    before(given_);
    if (given_ == input_.size()) return false;
    item = input_[given_++].item;
    return true;
  }
  [[nodiscard]] std::size_t given() const noexcept { return given_; }

 private:
  const ImportInput& input_;
  std::size_t given_ = 0;
};

}  // namespace qbatch::test
