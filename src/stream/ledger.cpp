#include "stream/ledger.hpp"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <system_error>

#include "codec/json_object.hpp"
#include "codec/json_writer.hpp"
#include "qbatch/error.hpp"

namespace qbatch::stream {
namespace {

constexpr std::string_view magic = "qbatch-checkpoint ", format = "1 ";

std::uint32_t checksum(std::uint32_t seed, std::string_view text) noexcept {
  return static_cast<std::uint32_t>(crc32_z(seed, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

std::uint32_t checksumOfFirst(std::uint64_t firstItem, std::string_view collection) {
  return checksum(0, fmt::format("{}{}{:016x} {}", magic, format, firstItem, collection));
}

std::string firstLine(std::uint64_t firstItem, std::string_view collection) {
  return fmt::format("{}{}{:016x} {:08x} {}", magic, format, firstItem, checksumOfFirst(firstItem, collection), collection);
}

std::string lineOf(std::uint32_t seed, const SettledRange& range) {
  std::string line = fmt::format("{} {} {:016x} {}", range.first, range.last, range.digest, range.letters);
  fmt::format_to(std::back_inserter(line), " {:08x}", checksum(seed, line));
  return line;
}

/// Takes a number and the space behind it off the front of `text`.
template <class Number>
bool take(std::string_view& text, Number& number, int base) noexcept {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (problem != std::errc() || end == text.data() + text.size() || *end != ' ') return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

std::optional<SettledRange> rangeIn(std::string_view text, std::uint32_t seed) {
  SettledRange range;
  std::string_view rest = text;
  const bool read =
      take(rest, range.first, 10) && take(rest, range.last, 10) && take(rest, range.digest, 16) && take(rest, range.letters, 10);
  // A range has but one text, which ends in its checksum.
  if (!read || text != lineOf(seed, range)) return std::nullopt;
  if (range.first >= range.last || range.letters > range.last - range.first) return std::nullopt;
  return range;
}

using Ranges = std::map<std::size_t, SettledRange>;  // by their first item

void addDisjoint(Ranges& ranges, const SettledRange& range) {
  const auto next = ranges.lower_bound(range.first);
  if (next != ranges.end() && next->first < range.last) return;
  if (next != ranges.begin() && std::prev(next)->second.last > range.first) return;
  ranges.emplace_hint(next, range.first, range);
}

std::vector<SettledRange> joined(const Ranges& ranges) {
  std::vector<SettledRange> all;
  for (const auto& [first, range] : ranges) {
    if (all.empty() || all.back().last != first) {
      all.push_back(range);
      continue;
    }
    all.back().last = range.last;
    all.back().digest += range.digest;
    all.back().letters += range.letters;
  }
  return all;
}

}  // namespace

Ledger::Ledger(const std::string& file, std::string_view collection) : file_(file, "the checkpoint") {
  codec::appendAnyString(collection_, collection);
  Ranges ranges;
  std::size_t whole = 0;
  file_.eachLine([&](std::string_view text, std::size_t offset, bool complete) {
    if (!complete) {
      if (offset == 0) requireTornFirstLine(text);
      return;
    }
    whole = offset + text.size() + 1;
    if (offset == 0) {
      readFirstLine(text);
    } else if (const auto range = rangeIn(text, seed_)) {
      addDisjoint(ranges, *range);
    }
  });
  settled_ = joined(ranges);
  file_.cut(whole);
}

void Ledger::readFirstLine(std::string_view text) {
  const StorageName& name = file_.name();
  if (!text.starts_with(magic)) failBroken(name, "is no checkpoint: name another file; it was left as it is");
  std::string_view rest = text.substr(magic.size());
  if (!rest.starts_with(format)) {
    failBroken(name,
               "is of a format that this version of qbatch does not know: go on with the version that wrote it, or name another file");
  }
  rest.remove_prefix(format.size());
  std::uint64_t firstItem = 0;
  std::uint32_t sum = 0;
  if (!take(rest, firstItem, 16) || !take(rest, sum, 16) || text != firstLine(firstItem, rest)) {
    failBroken(name, "is damaged in its first line: delete it to start over, which sends all items again; it was left as it is");
  }
  if (rest != collection_) {
    throw ConfigError({fmt::format("checkpoint: `{}` is of an import into the collection {}, not {}: name another file, or that collection",
                                   name.file, rest, collection_)});
  }
  firstItem_ = firstItem;
  seed_ = sum;
}

/// A crash in begin() leaves the beginning of its line, or zeros in its place. Another file that is one line without an end is not ours.
void Ledger::requireTornFirstLine(std::string_view text) const {
  const std::string_view begin = text.substr(0, magic.size());
  if (!magic.starts_with(begin) && text.find_first_not_of('\0') != std::string_view::npos) {
    failBroken(file_.name(), "is no checkpoint: name another file; it was left as it is");
  }
}

void Ledger::begin(std::uint64_t firstItem) {
  if (firstItem_) return;
  file_.append(firstLine(firstItem, collection_) + "\n");
  file_.sync();
  seed_ = checksumOfFirst(firstItem, collection_);
  firstItem_ = firstItem;
}

void Ledger::append(std::span<const SettledRange> ranges) {
  std::string lines;
  for (const SettledRange& range : ranges) lines.append(lineOf(seed_, range)) += '\n';
  file_.append(lines);
}

}  // namespace qbatch::stream
