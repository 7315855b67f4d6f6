#pragma once
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "qbatch/export.hpp"

namespace qbatch {

/// Whose fault a failure is: the caller's input, the embedder, the way to the server, or the server (or embedded engine) itself.
enum class Origin { caller, embedder, transport, server };

/// What kind of failure it is; `Error::code()` carries one of these in the category "qbatch".
enum class Errc {
  invalidItem = 1,     ///< a local check found the item at fault
  duplicateId,         ///< another item of the call has the same explicit id and other content
  embedding,           ///< the embedder failed for this text, or returned something that is no vector
  pointNotFound,       ///< no point with this id
  collectionNotFound,  ///< no collection with this name
  collectionMismatch,  ///< the collection exists with another dimension, distance or vector name
  refused,             ///< the server refused the request's content
  tooLarge,            ///< the server refused the request's size
  unauthorized,        ///< the key is missing, wrong or not allowed to do this
  throttled,           ///< the server asked for fewer requests
  unavailable,         ///< no connection, no answer, or a passing fault of the server
  storageFull,         ///< no room left on the disk or in the quota
  storageBroken,       ///< the file is damaged, or cannot be read or written
  inUse,               ///< the file, or the address to listen on, belongs to another process
  cancelled,           ///< the caller asked to stop
  deadlineExceeded,    ///< the call's deadline passed
  unsupported,         ///< this backend cannot do that
  internal,            ///< a fault of the backend or of qbatch
  inputBroken,         ///< an import's input ended with an error, or is not the one of its checkpoint
};

/// The category named "qbatch".
[[nodiscard]] QBATCH_EXPORT const std::error_category& errorCategory() noexcept;
[[nodiscard]] QBATCH_EXPORT std::error_code make_error_code(Errc) noexcept;

/// A failure: what kind, whose fault, and what was said. Cheap to copy; copies share one text. Safe to read from any thread.
class QBATCH_EXPORT Error {
 public:
  /// No failure: a zero code and empty texts.
  Error() noexcept;
  /// `httpStatus` is 0 where no HTTP answer was involved; `serverMessage` is the server's own sentence, word for word.
  Error(Errc code, Origin origin, std::string message, int httpStatus = 0, std::string serverMessage = {});

  [[nodiscard]] std::error_code code() const noexcept;
  [[nodiscard]] Origin origin() const noexcept;
  [[nodiscard]] int httpStatus() const noexcept;
  /// A sentence for people: what is wrong, where, and what to do.
  [[nodiscard]] const std::string& message() const noexcept;
  [[nodiscard]] const std::string& serverMessage() const noexcept;
  /// True where there is a failure.
  [[nodiscard]] explicit operator bool() const noexcept;

 private:
  struct Data;
  std::shared_ptr<const Data> data_;
};

/// Misuse: options or arguments that cannot work. Names every bad field at once. what() holds one line a problem.
class QBATCH_EXPORT ConfigError : public std::invalid_argument {
 public:
  explicit ConfigError(std::vector<std::string> problems);
  /// One sentence a bad field, each beginning with the field's name.
  [[nodiscard]] const std::vector<std::string>& problems() const noexcept;

 private:
  std::shared_ptr<const std::vector<std::string>> problems_;
};

/// Text that is not what it should be (JSON, a point id): what is wrong, and at which byte.
class QBATCH_EXPORT ParseError : public std::invalid_argument {
 public:
  ParseError(const std::string& problem, std::size_t offset);
  /// The byte at which the problem was found, from 0.
  [[nodiscard]] std::size_t offset() const noexcept;

 private:
  std::size_t offset_;
};

/// No answer could be had. Thrown by what returns plain values (getPatterns, countPatterns, makeLocalBackend).
class QBATCH_EXPORT RequestError : public std::runtime_error {
 public:
  explicit RequestError(Error error);
  [[nodiscard]] const Error& error() const noexcept;

 private:
  Error error_;
};

}  // namespace qbatch

template <>
struct std::is_error_code_enum<qbatch::Errc> : std::true_type {};
