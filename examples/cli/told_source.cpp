#include "told_source.hpp"

#include <utility>

#include "messages.hpp"

namespace cli {

ToldSource::ToldSource(std::unique_ptr<qbatch::PatternSource> source, const std::string& path)
    : source_(std::move(source)), name_(path == "-" ? "standard input" : path) {}

bool ToldSource::next(qbatch::ImportItem& item, std::stop_token stop) {
  if (!source_->next(item, stop)) {
    atEnd_ = !stop.stop_requested();
    return false;
  }
  ++items_;
  line_ = item.line;
  if (!item.problem.empty()) complain(name_ + ":" + std::to_string(item.line) + ": " + item.problem);
  return true;
}

void complainOfRest(const ToldSource& source, const qbatch::Error& stopped) {
  // Where reading itself failed, its message says all.
  if (source.atEnd() || !stopped || stopped.code() == qbatch::Errc::inputBroken) return;
  const bool deadline = stopped.code() == qbatch::Errc::deadlineExceeded, signal = stopped.code() == qbatch::Errc::cancelled;
  complain(source.name() + ": not read to its end" +
           (signal     ? ", because a signal asked to stop"
            : deadline ? ", because the deadline passed"
                       : ""));
}

}  // namespace cli
