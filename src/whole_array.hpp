#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "qbatch/json_items.hpp"
#include "report_data.hpp"

namespace qbatch {

/// The report of an array's good items, as the report of the whole array: elements that are no items are rejected.
class WholeArray {
 public:
  /// `refused` must live as long as this.
  WholeArray(ReportData data, std::span<const RefusedItem> refused);

  [[nodiscard]] const ReportData& data() const noexcept { return data_; }
  [[nodiscard]] bool isGood(std::size_t index) const { return good_[index]; }
  /// Where a good element is among the good ones.
  [[nodiscard]] std::size_t place(std::size_t index) const { return places_[index]; }
  /// An element that is not good.
  [[nodiscard]] const RefusedItem& refused(std::size_t index) const { return refused_[places_[index]]; }

 private:
  void spreadFailures();
  template <class Value>
  void spread(std::vector<Value>& values, const Value& none) const;

  ReportData data_;
  std::span<const RefusedItem> refused_;
  std::vector<bool> good_;
  std::vector<std::size_t> places_;  // among the good ones, or among the others
};

}  // namespace qbatch
