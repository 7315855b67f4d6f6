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

/// Whether a repeat with the same Idempotency-Key gets the answer again, or may try again.
enum class Stands {
  yes,
  whereItCounts,  ///< only of requests that would do harm a second time: what of this one was done is not known
  no,             ///< nothing was done
};

/// What a handler answers.
struct Answer {
  qbatch::HttpResponse response{};
  Stands stands = Stands::yes;
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
/// The answer to a batch, whose document says whether it was carried out: then it is 200, whatever became of its items.
[[nodiscard]] Answer batchAnswer(const qbatch::BatchReport& report, std::string document);
/// The answer to an operation on one item that is not done.
[[nodiscard]] Answer failureAnswer(const qbatch::BatchReport& report);
/// Where something was done, and its answer could not be made.
[[nodiscard]] Answer lostAnswer() noexcept;
/// Calls `make`; what it throws becomes an answer.
[[nodiscard]] Answer guarded(const std::function<Answer()>& make) noexcept;
/// Gives the answer; where that fails, the reply is dropped, which the server answers.
void give(const Reply& reply, Answer answer) noexcept;

/// The text, cut to some `most` bytes of UTF-8.
[[nodiscard]] std::string shortened(std::string text, std::size_t most);

}  // namespace service
