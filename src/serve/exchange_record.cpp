#include "serve/exchange_record.hpp"

namespace qbatch::serve {

void ExchangeRecord::begin() {
  if (!options_.served || exchange_) return;
  exchange_.emplace().client = client_;
  begin_ = std::chrono::steady_clock::now();
}

void ExchangeRecord::read(const RequestHead& head, const std::string& id) {
  if (!exchange_) return;
  exchange_->method = head.method;
  exchange_->target = head.target;
  exchange_->path = splitTarget(head.target).path;
  exchange_->id = id;
}

void ExchangeRecord::received(std::size_t bytes) noexcept {
  if (exchange_) exchange_->bytesReceived = bytes;
}

void ExchangeRecord::answering(int status) noexcept {
  if (exchange_) exchange_->status = status;
}

void ExchangeRecord::sent(std::size_t bytes) noexcept {
  if (exchange_) exchange_->bytesSent = bytes;
}

void ExchangeRecord::end(bool cut) noexcept {
  if (!exchange_) return;
  exchange_->time = std::chrono::steady_clock::now() - begin_;
  exchange_->cut = cut;
  try {
    options_.served(*exchange_);
  } catch (...) {
    // It must not throw; what it fails at is no fault of the connection.
  }
  exchange_.reset();
}

}  // namespace qbatch::serve
