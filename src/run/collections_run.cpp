#include "run/collections_run.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "batch/change_checks.hpp"

namespace qbatch::run {

namespace {

// What no other change can escape either. A verdict without a reason is believed to be of that kind.
bool concernsAll(const Error& error) {
  constexpr Errc kinds[] = {Errc::unauthorized, Errc::storageFull,      Errc::storageBroken, Errc::inUse,
                            Errc::cancelled,    Errc::deadlineExceeded, Errc::internal,      Errc::unavailable};
  return !error || std::any_of(std::begin(kinds), std::end(kinds), [&](Errc kind) { return error.code() == kind; });
}

}  // namespace

CollectionsRun::CollectionsRun(ClientCore& core, CallOptions options, std::vector<CollectionChange> changes)
    : BatchRun(core, std::move(options), {.inOrder = true, .verb = Verb::collections}),
      changes_(std::move(changes)),
      changed_(changes_.size()) {}

batch::IndexMap CollectionsRun::plan(batch::ReportBuilder& report) {
  batch::IndexMap list;
  for (std::size_t index = 0; index < changes_.size(); ++index) {
    if (const auto problem = batch::checkChange(changes_[index]))
      report.settle(index, Outcome::rejected, *problem);
    else
      list.append(index);
  }
  return list;
}

std::size_t CollectionsRun::bytesOf(std::size_t) const {
  constexpr std::size_t namesAndBraces = 1024;
  return namesAndBraces;
}

Request CollectionsRun::request(const Chunk& chunk, batch::Range part) const {
  return std::visit([](const auto& change) { return Request(change); }, changes_[chunk.items[part.first]]);
}

// To a backend, what refuses one change refuses its whole request. Here it is an item that is at fault, and the others go on.
void CollectionsRun::carryOut(const Request& request, CallLimits limits, Completion completion) {
  BatchRun::carryOut(request, std::move(limits), [completion = std::move(completion)](Reply reply) {
    auto& verdict = reply.verdict;
    if (verdict.kind == Verdict::Kind::fatal && !concernsAll(verdict.error)) verdict.kind = Verdict::Kind::itemAtFault;
    completion(std::move(reply));
  });
}

bool CollectionsRun::answered(const Chunk& chunk, batch::Range part, Answer& answer) {
  const auto* changed = std::get_if<bool>(&answer);
  if (!changed) return false;
  const auto index = chunk.items[part.first];
  changed_[index] = *changed || std::holds_alternative<SetAlias>(changes_[index]);
  return true;
}

void CollectionsRun::complete(ReportData& data) {
  data.stats.points = 0;
  data.changed = std::move(changed_);
}

ListRun::ListRun(ClientCore& core, CallOptions options)
    : BatchRun(core, std::move(options), {.writes = false, .verb = Verb::collections}) {}

bool ListRun::answered(const Chunk&, batch::Range, Answer& answer) {
  auto* list = std::get_if<std::vector<CollectionInfo>>(&answer);
  if (list) list_ = std::move(*list);
  return list != nullptr;
}

}  // namespace qbatch::run
