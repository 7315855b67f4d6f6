#include "argument_values.hpp"

#include <cmath>

#include "numbers.hpp"
#include "qbatch/error.hpp"

namespace cli {

void ArgumentValues::refuse(const std::string& option, const std::string& text, const std::string& why) {
  problems_.push_back(option + ": \"" + text + "\" " + why);
}

void ArgumentValues::wholeNumber(const std::string& option, const std::optional<std::string>& text, std::size_t least, std::size_t most,
                                 std::size_t& value) {
  if (!text) return;
  const auto number = readWholeNumber(*text);
  if (number && *number >= least && *number <= most) {
    value = static_cast<std::size_t>(*number);
  } else {
    refuse(option, *text, "is not a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
}

void ArgumentValues::concurrency(const std::string& option, const std::optional<std::string>& text, std::size_t& value) {
  if (!text || *text == "auto") return;
  const auto number = readWholeNumber(*text);
  if (number && *number >= 1 && *number <= 1024) {
    value = static_cast<std::size_t>(*number);
  } else {
    refuse(option, *text, "is neither auto nor a whole number from 1 to 1024");
  }
}

void ArgumentValues::seconds(const std::string& option, const std::optional<std::string>& text, std::chrono::milliseconds& value) {
  if (!text) return;
  constexpr double leastSeconds = 0.001, mostSeconds = 1e9;
  const auto number = readNumber(*text);
  if (number && *number >= leastSeconds && *number <= mostSeconds) {
    value = std::chrono::milliseconds(std::llround(*number * 1000));
  } else {
    refuse(option, *text, "is not a number of seconds from 0.001 to 1000000000");
  }
}

void ArgumentValues::hours(const std::string& option, const std::optional<std::string>& text, std::chrono::hours& value) {
  if (!text) return;
  constexpr std::uint64_t least = 24, most = 1'000'000;
  const auto number = readWholeNumber(*text);
  if (number && *number < least) {
    refuse(option, *text,
           "is less than 24 hours: a copy of an update may still arrive so late, and it would count twice where its mark is gone; give 24 "
           "or more");
  } else if (number && *number <= most) {
    value = std::chrono::hours(*number);
  } else {
    refuse(option, *text, "is not a whole number of hours from 24 to 1000000");
  }
}

void ArgumentValues::fileName(const std::string& option, const std::optional<std::string>& text, std::optional<std::string>& value) {
  if (text && text->empty()) problems_.push_back(option + ": the file's name is empty");
  value = text;
}

void ArgumentValues::existing(const std::string& option, const std::optional<std::string>& text, qbatch::Existing& value) {
  if (!text || *text == "keep") return;
  if (*text == "replace") {
    value = qbatch::Existing::replace;
  } else if (*text == "skip") {
    value = qbatch::Existing::skip;
  } else {
    refuse(option, *text, "is none of keep, replace and skip");
  }
}

void ArgumentValues::distance(const std::string& option, const std::optional<std::string>& text, qbatch::Distance& value) {
  if (!text) return;
  if (const auto distance = qbatch::parseDistance(*text)) {
    value = *distance;
  } else {
    refuse(option, *text, "is none of Cosine, Dot, Euclid and Manhattan");
  }
}

void ArgumentValues::score(const std::string& option, const std::optional<std::string>& text, std::optional<float>& value) {
  if (!text) return;
  const auto number = readNumber(*text);
  value = number ? toFloat32(*number) : std::nullopt;
  if (!value) refuse(option, *text, "is not a finite number within float32");
}

void ArgumentValues::filter(const std::string& option, const std::optional<std::string>& text, std::optional<qbatch::Filter>& value) {
  if (!text) return;
  try {
    value = qbatch::Filter::json(*text);
  } catch (const qbatch::ParseError& error) {
    refuse(option, *text, std::string("is not a filter: ") + error.what());
  }
}

void ArgumentValues::ids(const std::vector<std::string>& texts, std::vector<qbatch::PointId>& values) {
  for (const auto& text : texts) {
    try {
      values.push_back(qbatch::PointId::parse(text));
    } catch (const qbatch::ParseError& error) {
      problems_.push_back(std::string("ID: ") + error.what());
    }
  }
}

void ArgumentValues::aliases(const std::vector<std::string>& texts, std::vector<AliasArguments::Pair>& values) {
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      refuse("ALIAS=NAME", text, "is not an alias and a collection joined by =, for example current=patterns");
    } else {
      values.push_back({text.substr(0, equals), text.substr(equals + 1)});
    }
  }
}

void ArgumentValues::listen(const std::string& option, const std::optional<std::string>& text, LocalServerArguments& value) {
  if (!text) return;
  const auto colon = text->rfind(':');
  const std::string host = text->substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  constexpr std::uint64_t none = 65536;
  const auto port = readWholeNumber(colon == std::string::npos ? std::string() : text->substr(colon + 1)).value_or(none);
  if (host.empty() || (host.find(':') != std::string::npos && !bracketed) || port >= none) {
    return refuse(option, *text, "is not HOST:PORT, for example 127.0.0.1:6333 or [::1]:6333; port 0 is any free one");
  }
  value.host = host;
  value.port = static_cast<std::uint16_t>(port);
}

}  // namespace cli
