#pragma once
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "qbatch/error.hpp"
#include "qbatch/http_server.hpp"
#include "qbatch/report.hpp"

namespace service {

/// What a handler answers.
struct Answer {
  qbatch::HttpResponse response{};
  /// True where a repeat with the same Idempotency-Key must get this answer; false where nothing was done, so that it may try again.
  bool stands = true;
};
/// To be called once, from any thread.
using Reply = std::function<void(Answer)>;

/// A request that is not carried out: status and sentence for the caller.
class Refusal : public std::runtime_error {
 public:
  Refusal(int status, const std::string& sentence) : std::runtime_error(sentence), status_(status) {}
  [[nodiscard]] int status() const noexcept { return status_; }

 private:
  int status_;
};

[[nodiscard]] qbatch::HttpResponse jsonAnswer(int status, std::string body);
/// {"status":"error","error":SENTENCE}
[[nodiscard]] qbatch::HttpResponse errorAnswer(int status, std::string_view sentence);
/// The status for what kept a call from being carried out: 404 no such collection, 409 one of another kind, 502 the store cannot be
/// reached, 504 too late, and so on.
[[nodiscard]] int statusOf(const qbatch::Error& error) noexcept;
/// A batch that was carried out is answered 200, whatever became of its items.
[[nodiscard]] Answer batchAnswer(const qbatch::BatchReport& report, std::string body);
/// The answer to an operation on one item that is not done. `report` has one item.
[[nodiscard]] Answer failureAnswer(const qbatch::BatchReport& report);
/// Calls `make`; what it throws becomes an answer.
[[nodiscard]] Answer guarded(const std::function<Answer()>& make) noexcept;

}  // namespace service
