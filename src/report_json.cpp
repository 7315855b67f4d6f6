#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <string>

#include "codec/json_writer.hpp"
#include "hit_json.hpp"
#include "qbatch/json_items.hpp"
#include "report_data.hpp"
#include "response_members.hpp"
#include "whole_array.hpp"

namespace qbatch {

using namespace response;

namespace {

/// The ids of the items that are done or accepted, in the caller's order.
void successfulIds(std::string& out, const ReportData& data) {
  member(out, "ids");
  out += '[';
  auto failure = data.failures.begin();
  for (std::size_t index = 0; index < data.ids.size(); ++index) {
    if (failure != data.failures.end() && failure->index == index) {
      ++failure;
      continue;
    }
    if (out.back() != '[') out += ',';
    id(out, data.ids[index]);
  }
  out += ']';
}

/// `errors`, each entry begun by `echo(index)` and, where `idOf` gives one, with the item's id.
template <class Echo, class IdOf>
void errors(std::string& out, const ReportData& data, const Echo& echo, const IdOf& idOf) {
  member(out, "errors");
  out += '[';
  for (const ItemFailure& failure : data.failures) {
    if (out.back() != '[') out += ',';
    out += '{';
    echo(out, failure.index);
    text(out, "error", messageOf(failure.error));
    count(out, "index", failure.index);
    if (const std::optional<PointId> known = idOf(failure.index)) idMember(out, *known);
    text(out, "outcome", toString(failure.outcome));
    out += '}';
  }
  out += ']';
}

void pattern(std::string& out, const Pattern& value) {
  out += '{';
  if (value.id) idMember(out, *value.id);
  text(out, "description", value.description);
  text(out, "code", value.code);
  text(out, "language", value.language);
  member(out, "metadata");
  out += value.metadata.json();
  out += '}';
}

/// Of a name that stands twice only the last is echoed: a JSON object can hold no more.
void increments(std::string& out, const MetricUpdate& value) {
  member(out, "increments");
  out += '{';
  for (auto one = value.increments.begin(); one != value.increments.end(); ++one) {
    const auto sameName = [one](const auto& other) { return other.first == one->first; };
    if (std::any_of(std::next(one), value.increments.end(), sameName)) continue;
    if (out.back() != '{') out += ',';
    codec::appendAnyString(out, one->first);
    out += ':';
    codec::appendInteger(out, one->second);
  }
  out += '}';
}

void update(std::string& out, const MetricUpdate& value) {
  out += '{';
  idMember(out, value.id);
  if (value.incrementUsage != 0) {
    member(out, "increment_usage");
    codec::appendInteger(out, value.incrementUsage);
  }
  if (value.successRate) number(out, "success_rate", *value.successRate);
  if (value.lastUsed) text(out, "last_used", *value.lastUsed);
  if (!value.increments.empty()) increments(out, value);
  if (!value.set.empty()) {
    member(out, "set");
    out += value.set.json();
  }
  out += '}';
}

void hits(std::string& out, std::span<const Hit> found) {
  member(out, "results");
  out += '[';
  for (const Hit& one : found) {
    if (out.back() != '[') out += ',';
    hit(out, one, Scores::shown);
  }
  out += ']';
}

void seconds(std::string& out, const Stats& stats) {
  const auto in = [](std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); };
  member(out, "seconds");
  out += '{';
  number(out, "total", in(stats.total));
  number(out, "embedding", in(stats.embedding));
  number(out, "sending", in(stats.sending));
  out += '}';
}

template <class Echo, class IdOf>
std::string storeJson(const ReportData& data, const Echo& echo, const IdOf& idOf) {
  std::string out = "{";
  status(out, data);
  summary(out, data);
  successfulIds(out, data);
  errors(out, data, echo, idOf);
  return out + '}';
}

template <class Echo>
std::string searchJson(const ReportData& data, const Echo& echo) {
  std::string out = "{";
  status(out, data);
  member(out, "batch_results");
  out += '[';
  auto failure = data.failures.begin();
  for (std::size_t index = 0; index < data.size; ++index) {
    out += index == 0 ? "{" : ",{";
    member(out, "query");
    echo(out, index);
    // A call that stopped early has fewer lists than queries.
    hits(out, index < data.hits.size() ? std::span<const Hit>(data.hits[index]) : std::span<const Hit>());
    if (failure != data.failures.end() && failure->index == index) {
      text(out, "error", messageOf(failure->error));
      text(out, "outcome", toString(failure->outcome));
      ++failure;
    }
    out += '}';
  }
  return out + "]}";
}

template <class Echo, class IdOf>
std::string updateJson(const ReportData& data, const Echo& echo, const IdOf& idOf) {
  std::string out = "{";
  status(out, data);
  summary(out, data);
  if (!data.failures.empty()) errors(out, data, echo, idOf);
  return out + '}';
}

template <class Item>
WholeArray wholeArray(const ReportData& data, const ParsedItems<Item>& parsed) {
  requireSize(parsed.items.size(), data, "parsed.items");
  return {data, parsed.refused};
}

}  // namespace

std::string toJson(const StoreReport& report, std::span<const Pattern> patterns) {
  const ReportData& data = ReportAccess::data(report);
  requireSize(patterns.size(), data, "patterns");
  const auto echo = [&](std::string& out, std::size_t index) {
    member(out, "pattern");
    pattern(out, patterns[index]);
  };
  return storeJson(data, echo, [&](std::size_t index) { return report.id(index); });
}

std::string toJson(const StoreReport& report, const ParsedItems<Pattern>& parsed) {
  if (parsed.refused.empty()) return toJson(report, parsed.items);
  const auto whole = wholeArray(ReportAccess::data(report), parsed);
  const auto echo = [&](std::string& out, std::size_t index) {
    member(out, "pattern");
    if (whole.isGood(index)) return pattern(out, parsed.items[whole.place(index)]);
    out += whole.refused(index).json;
  };
  return storeJson(whole.data(), echo,
                   [&](std::size_t index) { return whole.isGood(index) ? std::optional(report.id(whole.place(index))) : std::nullopt; });
}

std::string toJson(const SearchReport& report, std::span<const Query> queries) {
  const ReportData& data = ReportAccess::data(report);
  requireSize(queries.size(), data, "queries");
  return searchJson(data, [&](std::string& out, std::size_t index) { codec::appendAnyString(out, queries[index].text); });
}

std::string toJson(const SearchReport& report, const ParsedItems<Query>& parsed) {
  if (parsed.refused.empty()) return toJson(report, parsed.items);
  const auto whole = wholeArray(ReportAccess::data(report), parsed);
  return searchJson(whole.data(), [&](std::string& out, std::size_t index) {
    if (whole.isGood(index)) return codec::appendAnyString(out, parsed.items[whole.place(index)].text);
    out += whole.refused(index).json;
  });
}

std::string toJson(const UpdateReport& report, std::span<const MetricUpdate> updates) {
  const ReportData& data = ReportAccess::data(report);
  requireSize(updates.size(), data, "updates");
  const auto echo = [&](std::string& out, std::size_t index) {
    member(out, "update");
    update(out, updates[index]);
  };
  return updateJson(data, echo, [&](std::size_t index) { return updates[index].id; });
}

std::string toJson(const UpdateReport& report, const ParsedItems<MetricUpdate>& parsed) {
  if (parsed.refused.empty()) return toJson(report, parsed.items);
  const auto whole = wholeArray(ReportAccess::data(report), parsed);
  const auto echo = [&](std::string& out, std::size_t index) {
    member(out, "update");
    if (whole.isGood(index)) return update(out, parsed.items[whole.place(index)]);
    out += whole.refused(index).json;
  };
  return updateJson(whole.data(), echo, [&](std::size_t index) {
    return whole.isGood(index) ? std::optional(parsed.items[whole.place(index)].id) : std::nullopt;
  });
}

std::string toJson(const DeleteReport& report) {
  const ReportData& data = ReportAccess::data(report);
  std::string out = "{";
  status(out, data);
  summary(out, data);
  successfulIds(out, data);
  if (!data.failures.empty())
    errors(
        out, data, [](std::string&, std::size_t) {}, [&](std::size_t index) { return report.id(index); });
  return out + '}';
}

std::string statsToJson(const BatchReport& report) {
  const Stats& stats = report.stats();
  std::string out = "{";
  count(out, "items", stats.items);
  count(out, "points", stats.points);
  count(out, "requests", stats.requests);
  count(out, "retries", stats.retries);
  count(out, "splits", stats.splits);
  count(out, "lost_rounds", stats.lostRounds);
  count(out, "bytes_sent", stats.bytesSent);
  count(out, "bytes_received", stats.bytesReceived);
  seconds(out, stats);
  member(out, "outcomes");
  out += '{';
  for (const auto outcome : {Outcome::done, Outcome::accepted, Outcome::rejected, Outcome::failed, Outcome::unknown, Outcome::unsent}) {
    count(out, toString(outcome), report.count(outcome));
  }
  return out + "}}";
}

}  // namespace qbatch
