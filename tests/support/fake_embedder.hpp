#pragma once
#include <algorithm>
#include <atomic>
#include <functional>
#include <string_view>

#include "qbatch/embedder.hpp"

namespace qbatch::test {

/// Embeds a text as (its length, 1, 0, …). `each` is called first in every embed call, and may throw or report failures.
class FakeEmbedder : public Embedder {
 public:
  explicit FakeEmbedder(std::size_t dimension = 4) { traits_.dimension = dimension; }

  Traits traits_;
  std::function<std::vector<RowFailure>(std::span<const std::string_view>, MatrixView, std::stop_token)> each;
  std::atomic<int> calls{0}, active{0}, mostActive{0};
  std::atomic<std::size_t> texts{0};

  Traits traits() const override { return traits_; }
  std::vector<RowFailure> embed(std::span<const std::string_view> batch, EmbedRole, MatrixView rows, std::stop_token stop) override {
    ++calls;
    const int now = ++active;
    for (int most = mostActive; now > most && !mostActive.compare_exchange_weak(most, now);) {
    }
    struct Leave {
      std::atomic<int>& count;
      ~Leave() { --count; }
    } leave{active};
    for (std::size_t row = 0; row < rows.rows; ++row) {
      const auto values = rows.row(row);
      std::fill(values.begin(), values.end(), 0.0f);
      values[0] = static_cast<float>(batch[row].size());
      values[1] = 1.0f;
    }
    texts += batch.size();
    return each ? each(batch, rows, stop) : std::vector<RowFailure>();
  }
};

}  // namespace qbatch::test
