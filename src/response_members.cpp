#include "response_members.hpp"

#include <cmath>

#include "codec/json_writer.hpp"

namespace qbatch::response {

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

void requireSize(std::size_t given, const ReportData& data, const std::string& name) {
  if (given == data.size) return;
  throw ConfigError({name + ": " + std::to_string(given) + " were given to toJson, but the report is of a call with " +
                     std::to_string(data.size) + "; give those of the call"});
}

}  // namespace qbatch::response
