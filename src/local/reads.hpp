#pragma once
#include "local/catalog.hpp"
#include "local/interrupt.hpp"
#include "qbatch/backend.hpp"

// The requests that change nothing, each on the calling thread. They throw Refusal and RequestError.
namespace qbatch::local {

[[nodiscard]] Answer describe(const Names& names, const DescribeCollection& request);
[[nodiscard]] Answer list(const Names& names);
[[nodiscard]] Answer retrieve(const Names& names, const RetrievePoints& request);
[[nodiscard]] Answer query(const Names& names, const QueryPoints& request, const Interrupt& interrupt);
[[nodiscard]] Answer scroll(const Names& names, const ScrollPoints& request, const Interrupt& interrupt);
[[nodiscard]] Answer count(const Names& names, const CountPoints& request, const Interrupt& interrupt);

}  // namespace qbatch::local
