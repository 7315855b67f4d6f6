#include "qbatch/version.hpp"

#define QBATCH_TEXT_(x) #x
#define QBATCH_TEXT(x) QBATCH_TEXT_(x)

namespace qbatch {
std::string_view version() noexcept {
  return QBATCH_TEXT(QBATCH_VERSION_MAJOR) "." QBATCH_TEXT(QBATCH_VERSION_MINOR) "." QBATCH_TEXT(QBATCH_VERSION_PATCH);
}
}  // namespace qbatch
