#pragma once
#include "local/group_commit.hpp"
#include "qbatch/backend.hpp"

namespace qbatch::local {

/// A write request of the backend seam on its way through the writer.
class RequestJob final : public WriteJob {
 public:
  /// What `request` refers to lives until `completion` was called, which is once and must not throw.
  RequestJob(const Request& request, CallLimits limits, Completion completion)
      : request_(request), limits_(std::move(limits)), completion_(std::move(completion)) {}

  void carryOut(StagedWrites& staged) override;
  void committed() override;
  void failed(const Error& error, bool maybeApplied) override;

 private:
  const Request& request_;
  CallLimits limits_;
  Completion completion_;
  Reply reply_{};
};

}  // namespace qbatch::local
