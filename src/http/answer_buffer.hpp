#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "http/transport.hpp"

namespace qbatch::http {

/// Collects an answer as it comes in, within bounds. Not thread-safe.
class AnswerBuffer {
 public:
  /// Bytes that the body's capacity has behind its end, for parsers that read ahead.
  static constexpr std::size_t padding = 64;
  static constexpr std::size_t maxHeaderBytes = 64u << 10;

  enum class Excess { none, headers, body };

  /// Forgets the former answer.
  void begin(std::size_t maxBodyBytes);
  /// One line of the head, its line break included. A status line begins anew: what came before belonged to an interim answer.
  /// False: more than maxHeaderBytes.
  [[nodiscard]] bool addHeaderLine(std::string_view line);
  /// `announced` is the length that the answer says it has; 0: unknown. False: more than the most allowed.
  [[nodiscard]] bool addBody(std::string_view bytes, std::size_t announced);

  /// The empty line behind the head of the answer itself has come.
  [[nodiscard]] bool hasWholeHead() const noexcept { return wholeHead_; }
  [[nodiscard]] Excess excess() const noexcept { return excess_; }
  [[nodiscard]] std::vector<Header> takeHeaders() noexcept;
  /// With `padding` spare bytes of capacity.
  [[nodiscard]] std::string takeBody();

 private:
  std::vector<Header> headers_;
  std::string body_;
  std::size_t headerBytes_ = 0, maxBodyBytes_ = 0;
  bool interim_ = false, wholeHead_ = false;
  Excess excess_ = Excess::none;
};

}  // namespace qbatch::http
