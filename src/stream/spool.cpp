#include "stream/spool.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "stream/posix_file.hpp"
#include "stream/spool_file.hpp"

namespace qbatch::stream {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view nameBegin = "window-", nameEnd = ".vectors", partEnd = ".vectors.part", lockName = "qbatch-lock";

std::string nameOf(std::uint64_t window) { return fmt::format("{}{:016x}{}", nameBegin, window, nameEnd); }

bool isNamed(std::string_view name, std::string_view end) noexcept {
  if (name.size() != nameBegin.size() + 16 + end.size() || !name.starts_with(nameBegin) || !name.ends_with(end)) return false;
  return name.substr(nameBegin.size(), 16).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// In the order of names; all that could be read of them where `problem` is set.
std::vector<std::string> namesIn(const std::string& folder, std::error_code& problem) {
  std::vector<std::string> names;
  for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end; entry.increment(problem)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

struct Spool::Impl {
  struct File {
    std::string path{};
    enum class State { unchecked, whole, damaged } state{};
  };
  struct Place {
    std::size_t file{}, row{};
  };

  StorageName name{};
  std::string identity{};
  std::size_t dimension{};
  std::mutex mutex{};  // of all below
  Descriptor lock{};
  std::vector<File> files{};  // what earlier runs left
  std::unordered_map<PointId, Place> places{};
  std::optional<std::pair<std::size_t, SpoolFile>> opened{};  // the last one read, as items come in the order in which they came before
  std::uint64_t lastWindow = 0;

  [[nodiscard]] std::string pathOf(const std::string& file) const { return name.file + "/" + file; }
  [[nodiscard]] std::string lockPath() const { return pathOf(std::string(lockName)); }

  /// Takes the folder, which is made where it is missing.
  void take() {
    int reason = 0;
    // Again where its last owner removes it in between.
    for (int tries = 0; !lock && tries < 100; ++tries) {
      if (mkdir(name.file.c_str(), 0777) != 0 && errno != EEXIST) failStorage(name, "made", errno);
      Descriptor file = openFile(lockPath(), O_RDWR | O_CREAT);
      reason = errno;
      if (!file && reason != ENOENT) failStorage(name, "used", reason);
      if (!file) continue;
      lockFile(file, name);
      if (isStill(file, lockPath())) lock = std::move(file);
    }
    if (!lock) failStorage(name, "used", reason);
  }

  /// Removes the folder, and gives it up, where it holds nothing.
  void leave() noexcept {
    std::error_code problem;
    if (!lock || namesIn(name.file, problem) != std::vector<std::string>{std::string(lockName)} || problem) return;
    // The lock is held until both are gone: who opened the file before finds in take() that it is no longer the one.
    unlink(lockPath().c_str());
    rmdir(name.file.c_str());
    lock = Descriptor();
  }

  void look() {
    std::error_code problem;
    const auto names = namesIn(name.file, problem);
    if (problem) failStorage(name, "read", problem.value());
    for (const std::string& file : names) {
      const std::string path = pathOf(file);
      if (isNamed(file, partEnd)) unlink(path.c_str());  // of a run that was killed while it wrote
      if (!isNamed(file, nameEnd)) continue;
      const SpoolFile vectors(path, identity, dimension);
      if (vectors.kind() != SpoolFile::Kind::ours) continue;
      const auto keys = vectors.keys();
      for (std::size_t row = 0; row < keys.size(); ++row) places.try_emplace(keys[row], Place{files.size(), row});
      files.push_back({path, File::State::unchecked});
    }
  }

  /// The file, opened and found whole; nullptr where it is not.
  const SpoolFile* open(std::size_t index) {
    if (opened && opened->first == index) return &opened->second;
    File& file = files[index];
    if (file.state == File::State::damaged) return nullptr;
    SpoolFile vectors(file.path, identity, dimension);
    const bool whole = vectors.kind() == SpoolFile::Kind::ours && (file.state == File::State::whole || vectors.isWhole());
    file.state = whole ? File::State::whole : File::State::damaged;
    if (!whole) return nullptr;
    opened.emplace(index, std::move(vectors));
    return &opened->second;
  }
};

Spool::Spool(std::string folder, std::string identity, std::size_t dimension) : impl_(std::make_unique<Impl>()) {
  impl_->name = {"the spool", std::move(folder)};
  impl_->identity = std::move(identity);
  impl_->dimension = dimension;
  checkName(impl_->name);
  std::error_code missing;
  if (!fs::exists(impl_->name.file, missing) && !missing) return;
  impl_->take();
  impl_->look();
}

Spool::~Spool() { impl_->leave(); }

bool Spool::find(const PointId& key, std::span<float> vector) {
  const std::lock_guard guard(impl_->mutex);
  const auto found = impl_->places.find(key);
  if (found == impl_->places.end()) return false;
  const SpoolFile* file = impl_->open(found->second.file);
  return file != nullptr && file->read(found->second.row, vector);
}

std::uint64_t Spool::keep(std::span<const PointId> keys, MatrixView rows) {
  std::unique_lock guard(impl_->mutex);
  impl_->take();
  std::string path;
  do path = impl_->pathOf(nameOf(++impl_->lastWindow));
  while (access(path.c_str(), F_OK) == 0);
  const std::uint64_t window = impl_->lastWindow;
  guard.unlock();
  writeSpoolFile(impl_->name, path, impl_->identity, keys, rows);
  return window;
}

void Spool::drop(std::uint64_t window) noexcept {
  const std::lock_guard guard(impl_->mutex);
  // Without the lock the folder is gone, or another import's.
  if (impl_->lock) unlink(impl_->pathOf(nameOf(window)).c_str());
}

void Spool::clear() noexcept {
  const std::lock_guard guard(impl_->mutex);
  impl_->places.clear();
  impl_->files.clear();
  impl_->opened.reset();
  if (!impl_->lock) return;
  std::error_code problem;
  for (const std::string& file : namesIn(impl_->name.file, problem)) {
    const std::string path = impl_->pathOf(file);
    if (isNamed(file, nameEnd) && SpoolFile(path, impl_->identity, impl_->dimension).kind() != SpoolFile::Kind::others)
      unlink(path.c_str());
  }
  impl_->leave();
}

}  // namespace qbatch::stream
