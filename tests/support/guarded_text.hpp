#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace qbatch::test {

/// Room for a text that ends where memory ends: reading one byte behind it stops the program.
class GuardedText {
 public:
  explicit GuardedText(std::size_t most) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    size_ = (most + page - 1) / page * page;
    all_ = ::mmap(nullptr, size_ + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all_ == MAP_FAILED || ::mprotect(end(), page, PROT_NONE) != 0) throw std::runtime_error("no memory for a guarded text");
    mapped_ = size_ + page;
  }
  ~GuardedText() { ::munmap(all_, mapped_); }
  GuardedText(const GuardedText&) = delete;
  GuardedText& operator=(const GuardedText&) = delete;

  /// A copy of `text`, at most as long as was said, that ends at the guard; valid until the next one.
  [[nodiscard]] std::string_view hold(std::string_view text) {
    if (text.size() > size_) throw std::length_error("a text longer than was said");
    if (!text.empty()) std::memcpy(end() - text.size(), text.data(), text.size());
    return {end() - text.size(), text.size()};
  }

 private:
  [[nodiscard]] char* end() const { return static_cast<char*>(all_) + size_; }

  std::size_t size_{}, mapped_{};
  void* all_{};
};

}  // namespace qbatch::test
