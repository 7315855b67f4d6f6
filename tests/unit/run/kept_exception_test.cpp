#include "run/kept_exception.hpp"

#include <exception>
#include <stdexcept>

#include "qbatch/error.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using qbatch::run::KeptException;

namespace {

template <class Thrown>
KeptException keeping(const Thrown& thrown) {
  KeptException kept;
  try {
    throw thrown;
  } catch (...) {
    kept.keepCurrent();
  }
  return kept;
}

/// The exception that `kept` throws, alive as long as the pointer is.
std::exception_ptr raised(const KeptException& kept) {
  try {
    kept.raise();
  } catch (...) {
    return std::current_exception();
  }
}

template <class Thrown>
const Thrown* in(const std::exception_ptr& raised) {
  try {
    std::rethrow_exception(raised);
  } catch (const Thrown& thrown) {
    return &thrown;
  } catch (...) {
    return nullptr;
  }
}

}  // namespace

TEST_CASE("nothing is kept at first") { CHECK_FALSE(KeptException()); }

TEST_CASE("misuse is thrown anew for each that asks, with the same words") {
  const auto kept = keeping(ConfigError({"first: wrong", "second: wrong too"}));
  CHECK(kept);
  const auto one = raised(kept), two = raised(kept);
  REQUIRE(in<ConfigError>(one) != nullptr);
  REQUIRE(in<ConfigError>(two) != nullptr);
  CHECK(in<ConfigError>(one) != in<ConfigError>(two));
  CHECK(in<ConfigError>(one)->problems() == ConfigError({"first: wrong", "second: wrong too"}).problems());
}

TEST_CASE("a request's error is thrown anew for each that asks, with the same error") {
  const auto kept = keeping(RequestError(Error(Errc::unavailable, Origin::transport, "nobody there", 503)));
  const auto one = raised(kept), two = raised(kept);
  REQUIRE(in<RequestError>(one) != nullptr);
  CHECK(in<RequestError>(one) != in<RequestError>(two));
  CHECK(in<RequestError>(two)->error().httpStatus() == 503);
}

TEST_CASE("anything else is thrown as it was") {
  const auto kept = keeping(std::length_error("long"));
  CHECK(in<std::length_error>(raised(kept)) != nullptr);
}
