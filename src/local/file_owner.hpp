#pragma once
#include <string>

#include "local/file_words.hpp"

namespace qbatch::local {

/// The path under which a file is known: absolute, symbolic links resolved, also one that points to a file that does not exist yet.
/// Throws RequestError (storageBroken) where a folder on the way is missing or cannot be read, or where the name is empty.
[[nodiscard]] std::string canonicalFile(const std::string& file, const FileWords& words = storeWords);

/// The right to use a file, held by one owner at a time: a lock on `<file>-owner`, which names the owner to others. The lock ends with the
/// process, however that ends; the small file stays behind, because removing it could pull it away from under the next owner.
class FileOwner {
 public:
  /// Throws RequestError: inUse naming the owner, or storageBroken where the lock file cannot be written.
  explicit FileOwner(const std::string& canonicalFile, const FileWords& words = storeWords);
  /// The small file's path.
  [[nodiscard]] static std::string pathFor(const std::string& canonicalFile) { return canonicalFile + "-owner"; }
  FileOwner(const FileOwner&) = delete;
  FileOwner& operator=(const FileOwner&) = delete;
  /// In a process forked from the owner this does not take the lock from the parent.
  ~FileOwner();

 private:
  int descriptor_ = -1;
};

}  // namespace qbatch::local
