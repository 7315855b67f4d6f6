#include "qbatch/json_items.hpp"

#include "codec/item_lines.hpp"

namespace qbatch {
namespace {

template <class Read>
auto readCopy(std::string_view json, const Read& read) {
  codec::JsonLines lines;
  std::string copy = codec::JsonLines::copyOf(json);
  return read(lines, copy);
}

}  // namespace

Pattern parsePattern(std::string_view json) { return readCopy(json, codec::readPattern); }

MetricUpdate parseMetricUpdate(std::string_view json) { return readCopy(json, codec::readMetricUpdate); }

Query parseQuery(std::string_view json) { return readCopy(json, codec::readQuery); }

}  // namespace qbatch
