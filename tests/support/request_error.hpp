#pragma once
#include "qbatch/error.hpp"

namespace qbatch::test {

/// The error that `action` throws as a RequestError; none where it throws nothing.
template <typename Action>
Error requestError(const Action& action) {
  try {
    action();
  } catch (const RequestError& error) {
    return error.error();
  }
  return {};
}

}  // namespace qbatch::test
