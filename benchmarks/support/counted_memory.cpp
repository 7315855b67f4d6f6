#include "support/counted_memory.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> live{0}, peak{0};

// What the block really takes, so that freeing needs to remember nothing.
void* given(void* block) {
  if (!block) throw std::bad_alloc();
  const auto bytes = ::malloc_usable_size(block);
  const auto now = live.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  auto most = peak.load(std::memory_order_relaxed);
  while (now > most && !peak.compare_exchange_weak(most, now, std::memory_order_relaxed)) {
  }
  return block;
}

void takenBack(void* block) noexcept {
  if (block) live.fetch_sub(::malloc_usable_size(block), std::memory_order_relaxed);
  std::free(block);
}

}  // namespace

// The other forms (arrays, nothrow) come to these.
void* operator new(std::size_t bytes) { return given(std::malloc(bytes == 0 ? 1 : bytes)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return given(std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit));
}
void operator delete(void* block) noexcept { takenBack(block); }
void operator delete(void* block, std::size_t) noexcept { takenBack(block); }
void operator delete(void* block, std::align_val_t) noexcept { takenBack(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { takenBack(block); }

namespace bench {

Memory memory() noexcept { return {live, peak}; }

void restartPeak() noexcept { peak = live.load(); }

}  // namespace bench
