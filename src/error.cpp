#include "qbatch/error.hpp"

#include <utility>

namespace qbatch {
namespace {

const char* describe(Errc code) noexcept {
  switch (code) {
    case Errc::invalidItem:
      return "the item is not valid";
    case Errc::duplicateId:
      return "another item has the same id and other content";
    case Errc::embedding:
      return "the text could not be embedded";
    case Errc::pointNotFound:
      return "there is no such point";
    case Errc::collectionNotFound:
      return "there is no such collection";
    case Errc::collectionMismatch:
      return "the collection is of another kind";
    case Errc::refused:
      return "the server refused the request";
    case Errc::tooLarge:
      return "the request is too large";
    case Errc::unauthorized:
      return "not authorised";
    case Errc::throttled:
      return "the server asks for fewer requests";
    case Errc::unavailable:
      return "the server could not be reached or did not answer";
    case Errc::storageFull:
      return "no room is left in the storage";
    case Errc::storageBroken:
      return "the storage cannot be read or written";
    case Errc::inUse:
      return "the file is in use by another process";
    case Errc::cancelled:
      return "cancelled";
    case Errc::deadlineExceeded:
      return "the deadline passed";
    case Errc::unsupported:
      return "not supported by this backend";
    case Errc::internal:
      return "internal fault";
    case Errc::inputBroken:
      return "input broken";
  }
  return "unknown error";
}

class Category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "qbatch"; }
  [[nodiscard]] std::string message(int code) const override { return code == 0 ? "no error" : describe(static_cast<Errc>(code)); }
};

std::string joined(const std::vector<std::string>& problems) {
  std::string text;
  for (const auto& problem : problems) {
    if (!text.empty()) text += '\n';
    text += problem;
  }
  return text;
}

const std::string& noText() noexcept {
  static const std::string text;
  return text;
}

}  // namespace

const std::error_category& errorCategory() noexcept {
  static const Category category;
  return category;
}

std::error_code make_error_code(Errc code) noexcept { return {static_cast<int>(code), errorCategory()}; }

struct Error::Data {
  Errc code{};
  Origin origin{};
  int httpStatus{};
  std::string message, serverMessage;
};

Error::Error() noexcept = default;

Error::Error(Errc code, Origin origin, std::string message, int httpStatus, std::string serverMessage)
    : data_(std::make_shared<const Data>(Data{code, origin, httpStatus, std::move(message), std::move(serverMessage)})) {}

std::error_code Error::code() const noexcept { return data_ ? make_error_code(data_->code) : std::error_code(0, errorCategory()); }
Origin Error::origin() const noexcept { return data_ ? data_->origin : Origin::caller; }
int Error::httpStatus() const noexcept { return data_ ? data_->httpStatus : 0; }
const std::string& Error::message() const noexcept { return data_ ? data_->message : noText(); }
const std::string& Error::serverMessage() const noexcept { return data_ ? data_->serverMessage : noText(); }
Error::operator bool() const noexcept { return data_ != nullptr; }

ConfigError::ConfigError(std::vector<std::string> problems)
    : std::invalid_argument(joined(problems)), problems_(std::make_shared<const std::vector<std::string>>(std::move(problems))) {}

const std::vector<std::string>& ConfigError::problems() const noexcept { return *problems_; }

ParseError::ParseError(const std::string& problem, std::size_t offset)
    : std::invalid_argument(problem + " (at byte " + std::to_string(offset) + ")"), offset_(offset) {}

std::size_t ParseError::offset() const noexcept { return offset_; }

RequestError::RequestError(Error error) : std::runtime_error(error.message()), error_(std::move(error)) {}

const Error& RequestError::error() const noexcept { return error_; }

}  // namespace qbatch
