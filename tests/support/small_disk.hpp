#pragma once
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

namespace qbatch::test {

/// A file system of three megabytes, as long as this object lives.
class SmallDisk {
 public:
  SmallDisk() : folder_((scratch_.path() / "disk").string()) {
    std::filesystem::create_directory(folder_);
    mounted_ = mount("none", folder_.c_str(), "tmpfs", 0, "size=3m") == 0;
    if (!mounted_) WARN("a small file system could not be mounted (it takes root): the full disk is not tested");
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
  }
  /// False where the right to mount is missing, which has been warned of.
  [[nodiscard]] bool mounted() const noexcept { return mounted_; }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_ + "/" + name; }

  /// Takes so much of the room, or all that is left of it, in place of what was taken before.
  void fill(std::size_t bytes = 5'000'000) const { std::ofstream(file("ballast")) << std::string(bytes, 'x'); }
  void makeRoom() const { std::filesystem::remove(file("ballast")); }

 private:
  ScratchFolder scratch_;
  std::string folder_;
  bool mounted_ = false;
};

}  // namespace qbatch::test
