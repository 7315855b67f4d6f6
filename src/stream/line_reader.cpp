#include <algorithm>
#include <string_view>

#include "qbatch/lines.hpp"
#include "stream/byte_input.hpp"

namespace qbatch {
namespace {

using stream::ByteInput;

constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";

bool isBlank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
}

}  // namespace

struct LineReader::Impl {
  explicit Impl(const std::string& path) : input(path) {}

  bool nextLine(const std::stop_token& stop);
  bool fill(const std::stop_token& stop);

  ByteInput input;
  std::string buffer, line;
  std::size_t used = 0;  // of the buffer
  std::size_t number = 0;
  bool ended = false, cutShort = false;
};

bool LineReader::Impl::nextLine(const std::stop_token& stop) {
  line.clear();
  if (stop.stop_requested() && !(ended && used == buffer.size())) cutShort = true;
  if (cutShort) return false;
  bool any = false, complete = false;
  while (!complete && (used < buffer.size() || fill(stop))) {
    any = true;
    const auto end = buffer.find('\n', used);
    complete = end != std::string::npos;
    line.append(buffer, used, complete ? end - used : end);
    used = complete ? end + 1 : buffer.size();
  }
  if (cutShort) return false;  // the end of this line was not read, so it is no line
  if (any) ++number;
  return any;
}

bool LineReader::Impl::fill(const std::stop_token& stop) {
  if (ended) return false;
  used = 0;
  const auto read = input.read(buffer, stop);
  cutShort = read == ByteInput::Read::stopped;
  ended = read == ByteInput::Read::end;
  return read == ByteInput::Read::some;
}

LineReader::LineReader(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;
LineReader::~LineReader() = default;

bool LineReader::next(std::stop_token stop) {
  std::string& line = impl_->line;
  while (impl_->nextLine(stop)) {
    if (impl_->number == 1 && line.starts_with(byteOrderMark)) line.erase(0, byteOrderMark.size());
    if (line.ends_with('\r')) line.pop_back();
    if (!isBlank(line)) return true;
  }
  return false;
}

std::string& LineReader::text() noexcept { return impl_->line; }
std::size_t LineReader::number() const noexcept { return impl_->number; }
bool LineReader::cutShort() const noexcept { return impl_->cutShort; }
const std::string& LineReader::name() const noexcept { return impl_->input.name(); }
std::optional<double> LineReader::share() const noexcept { return impl_->input.share(impl_->buffer.size() - impl_->used); }

}  // namespace qbatch
