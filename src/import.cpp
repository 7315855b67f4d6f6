#include "qbatch/import.hpp"

#include <utility>

namespace qbatch {

ImportReport::ImportReport() : ImportReport(Data()) {}
ImportReport::ImportReport(Data data) : data_(std::make_shared<const Data>(std::move(data))) {}

std::size_t ImportReport::size() const noexcept { return data_->items; }
std::size_t ImportReport::alreadyDone() const noexcept { return data_->alreadyDone; }
std::size_t ImportReport::alreadyDead() const noexcept { return data_->alreadyDead; }

std::size_t ImportReport::count(Outcome outcome) const noexcept { return data_->outcomes[static_cast<std::size_t>(outcome)]; }

bool ImportReport::ok() const noexcept {
  const auto good = count(Outcome::done) + count(Outcome::accepted) + alreadyDone() - alreadyDead();
  return data_->atEnd && !data_->stopped && good == size();
}

std::span<const ItemFailure> ImportReport::failures() const noexcept { return data_->failures; }
std::size_t ImportReport::deadLetters() const noexcept { return data_->deadLetters; }
std::size_t ImportReport::windows() const noexcept { return data_->windows; }
const Stats& ImportReport::stats() const noexcept { return data_->stats; }
const Error& ImportReport::stopped() const noexcept { return data_->stopped; }

}  // namespace qbatch
