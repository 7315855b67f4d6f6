#include <string>

#include "qbatch/collections.hpp"
#include "report_data.hpp"
#include "response_members.hpp"

namespace qbatch {

using namespace response;

namespace {

void describe(std::string& out, const CreateCollection& change) {
  text(out, "action", "create");
  text(out, "collection", change.info.name);
}

void describe(std::string& out, const DropCollection& change) {
  text(out, "action", "delete");
  text(out, "collection", change.collection);
}

void describe(std::string& out, const SetAlias& change) {
  text(out, "action", "alias");
  text(out, "alias", change.alias);
  text(out, "collection", change.collection);
}

}  // namespace

std::string toJson(const CollectionsReport& report, std::span<const CollectionChange> changes) {
  const ReportData& data = ReportAccess::data(report);
  requireSize(changes.size(), data, "changes");
  std::string out = "{";
  status(out, data);
  summary(out, data);
  member(out, "results");
  out += '[';
  auto failure = data.failures.begin();
  for (std::size_t index = 0; index < changes.size(); ++index) {
    out += index == 0 ? "{" : ",{";
    std::visit([&](const auto& change) { describe(out, change); }, changes[index]);
    text(out, "outcome", toString(report.outcome(index)));
    if (failure != data.failures.end() && failure->index == index) {
      text(out, "error", messageOf(failure->error));
      ++failure;
    } else {
      member(out, "changed");
      out += report.changed(index) ? "true" : "false";
    }
    out += '}';
  }
  return out + "]}";
}

}  // namespace qbatch
