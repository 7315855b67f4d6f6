#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec/json_writer.hpp"
#include "codec/utf8.hpp"
#include "qbatch/json_items.hpp"
#include "report_data.hpp"
#include "whole_array.hpp"

namespace qbatch {
namespace {

/// Appends a name with its colon, and the comma before it where it is not the first of its object.
void member(std::string& out, std::string_view name) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += name;
  out += "\":";
}

void count(std::string& out, std::string_view name, std::size_t value) {
  member(out, name);
  codec::appendUnsigned(out, value);
}

void text(std::string& out, std::string_view name, std::string_view value) {
  member(out, name);
  codec::appendAnyString(out, value);
}

/// JSON has no infinity and no NaN; they become null.
void number(std::string& out, std::string_view name, double value) {
  member(out, name);
  if (std::isfinite(value)) {
    codec::appendDouble(out, value);
  } else {
    out += "null";
  }
}

void id(std::string& out, const PointId& value) {
  if (value.isNumber()) {
    codec::appendUnsigned(out, value.number());
  } else {
    codec::appendString(out, value.toString());
  }
}

void idMember(std::string& out, const PointId& value) {
  member(out, "id");
  id(out, value);
}

std::string messageOf(const Error& error) { return error.message().empty() ? error.code().message() : error.message(); }

void status(std::string& out, const ReportData& data) {
  text(out, "status", data.nothingTried ? "error" : "success");
  if (data.nothingTried) text(out, "error", messageOf(data.stopped));
}

void summary(std::string& out, const ReportData& data) {
  member(out, "summary");
  out += '{';
  count(out, "total", data.size);
  count(out, "successful", data.size - data.failures.size());
  count(out, "failed", data.failures.size());
  out += '}';
}

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
    if (const std::optional<PointId> id = idOf(failure.index)) idMember(out, *id);
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

/// A hit's metadata with its usage metrics beside the rest.
Payload metadataOf(const Hit& hit) {
  Payload metadata = hit.metadata;
  if (hit.usageCount) metadata.set("usage_count", *hit.usageCount);
  if (hit.successRate) {
    const bool finite = std::isfinite(*hit.successRate);
    metadata.set("success_rate", finite ? Payload::Value(*hit.successRate) : Payload::Value(nullptr));
  }
  if (hit.lastUsed) metadata.set("last_used", codec::toValidUtf8(*hit.lastUsed));
  return metadata;
}

void score(std::string& out, float value) {
  member(out, "score");
  if (std::isfinite(value)) {
    codec::appendFloat(out, value);
  } else {
    out += "null";
  }
}

void hit(std::string& out, const Hit& value) {
  out += '{';
  idMember(out, value.id);
  text(out, "description", value.description);
  text(out, "code", value.code);
  text(out, "language", value.language);
  score(out, value.score);
  const Payload metadata = metadataOf(value);
  if (!metadata.empty()) {
    member(out, "metadata");
    out += metadata.json();
  }
  out += '}';
}

void hits(std::string& out, const std::vector<Hit>& found) {
  member(out, "results");
  out += '[';
  for (const Hit& one : found) {
    if (out.back() != '[') out += ',';
    hit(out, one);
  }
  out += ']';
}

void requireSize(std::size_t given, const ReportData& data, const std::string& name) {
  if (given == data.size) return;
  throw ConfigError({name + ": " + std::to_string(given) + " were given to toJson, but the report is of a call with " +
                     std::to_string(data.size) + "; give those of the call"});
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
    hits(out, index < data.hits.size() ? data.hits[index] : std::vector<Hit>());
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
