#include "run/kept_exception.hpp"

#include <cstdlib>
#include <exception>

#include "qbatch/error.hpp"

namespace qbatch::run {

void KeptException::keepCurrent() {
  try {
    throw;
  } catch (const ConfigError& error) {
    raise_ = [problems = error.problems()] { throw ConfigError(problems); };
  } catch (const RequestError& error) {
    raise_ = [kept = error.error()] { throw RequestError(kept); };
  } catch (...) {
    raise_ = [kept = std::current_exception()] { std::rethrow_exception(kept); };
  }
}

void KeptException::raise() const {
  raise_();
  std::abort();  // raise_ always throws
}

}  // namespace qbatch::run
