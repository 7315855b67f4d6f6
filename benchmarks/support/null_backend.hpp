#pragma once
#include <optional>
#include <utility>

#include "qbatch/backend.hpp"

namespace bench {

/// Answers every write at once and keeps nothing: what a call takes on top of it is the library's own.
class NullBackend : public qbatch::Backend {
 public:
  explicit NullBackend(std::size_t dimension) : dimension_(dimension) {}

  void run(const qbatch::Request& request, qbatch::CallLimits, qbatch::Completion completion) override {
    qbatch::Reply reply;
    if (const auto* describe = std::get_if<qbatch::DescribeCollection>(&request)) {
      qbatch::CollectionInfo info;
      info.name = describe->collection;
      info.dimension = dimension_;
      reply.answer = std::optional(std::move(info));
    }
    completion(std::move(reply));
  }

 private:
  const std::size_t dimension_;
};

}  // namespace bench
