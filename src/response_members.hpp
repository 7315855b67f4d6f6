#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "qbatch/error.hpp"
#include "qbatch/point_id.hpp"
#include "report_data.hpp"

/// What the responses that toJson writes have in common. Each appends to an object that has been begun.
namespace qbatch::response {

/// A name with its colon, and the comma before it where it is not the first of its object.
void member(std::string& out, std::string_view name);
void count(std::string& out, std::string_view name, std::size_t value);
/// What is not UTF-8 is written with replacement characters.
void text(std::string& out, std::string_view name, std::string_view value);
/// JSON has no infinity and no NaN; they become null.
void number(std::string& out, std::string_view name, double value);
/// The id alone, without a name.
void id(std::string& out, const PointId& value);
void idMember(std::string& out, const PointId& value);

/// The error's sentence, or the name of its kind where it has none.
[[nodiscard]] std::string messageOf(const Error& error);
/// `status`, and `error` where nothing could be tried.
void status(std::string& out, const ReportData& data);
void summary(std::string& out, const ReportData& data);

/// Throws ConfigError where a response is asked for with items of another call.
void requireSize(std::size_t given, const ReportData& data, const std::string& name);

}  // namespace qbatch::response
