#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

// Calls to the system that the import's files share.
namespace qbatch::stream {

/// A file descriptor that closes itself. The lock of a file ends with it; closing it in a forked child leaves the parent's lock.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { static_cast<void>(close()); }

  [[nodiscard]] int get() const noexcept { return number_; }
  [[nodiscard]] explicit operator bool() const noexcept { return number_ >= 0; }
  /// 0 or an errno: some file systems say only here that there was no room.
  int close() noexcept;

 private:
  int number_;
};

/// A file or folder, and what messages call it, as in "the checkpoint".
struct StorageName {
  std::string what{}, file{};
};

/// Throws the RequestError of a call that failed with `error`: storageFull where there was no room, else storageBroken. `doing` says what
/// could not be done: "opened", "written".
[[noreturn]] void failStorage(const StorageName& name, const char* doing, int error);
/// Throws RequestError (storageBroken) with a sentence that goes on behind the file's name.
[[noreturn]] void failBroken(const StorageName& name, std::string_view sentence);
/// Throws RequestError (storageBroken) for names that the system would not take as they are.
void checkName(const StorageName& name);

/// As open(2), closed in programs that this one starts; where it fails, errno says why.
[[nodiscard]] Descriptor openFile(const std::string& file, int flags) noexcept;
/// Takes the lock that goes with an open file. Throws RequestError: inUse, storageBroken.
void lockFile(const Descriptor& file, const StorageName& name);
/// Whether the name still leads to the open file: its last owner may have removed or replaced it before it was locked.
[[nodiscard]] bool isStill(const Descriptor& file, const std::string& path) noexcept;
/// All of it: 0, or the errno with which it broke off.
[[nodiscard]] int writeWhole(const Descriptor& file, std::string_view bytes) noexcept;
/// As many bytes as there are up to `size`: the number, or -1 with errno.
[[nodiscard]] std::ptrdiff_t readAt(const Descriptor& file, std::size_t offset, char* bytes, std::size_t size) noexcept;

}  // namespace qbatch::stream
