#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace qbatch::stream {

/// Unpacks gzip's format piece by piece: one stream, or several one behind the other, as `cat` and appending make them. Zeros that pad the
/// end are passed over.
class Gunzip {
 public:
  /// Throws std::bad_alloc.
  Gunzip();
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  /// The two bytes with which every gzip stream begins.
  static constexpr std::string_view mark = "\x1F\x8B";

  /// Takes bytes from the front of `packed` and fills `out`, up to its size, to which it is cut then. All are taken where there is still
  /// room in `out`, and an empty `packed` gives what did not fit before. False, perhaps with what came before in `out`, where the bytes are
  /// no gzip stream; from then on always. Throws std::bad_alloc.
  [[nodiscard]] bool run(std::string_view& packed, std::string& out);
  /// Why run() said no; valid as long as this object.
  [[nodiscard]] const char* problem() const noexcept;
  /// True where what was taken ends with the end of a stream.
  [[nodiscard]] bool complete() const noexcept { return between_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool between_ = true;
};

}  // namespace qbatch::stream
