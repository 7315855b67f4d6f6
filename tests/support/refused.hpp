#pragma once
#include <string>

#include "local/refusal.hpp"
#include "qbatch/error.hpp"

namespace qbatch::test {

/// How a server would answer what `action` throws: "400 Bad request: …"; "not refused" where it throws nothing.
template <typename Action>
std::string refused(const Action& action) {
  const auto shown = [](const Error& error) { return std::to_string(error.httpStatus()) + " " + error.serverMessage(); };
  try {
    action();
  } catch (const local::Refusal& refusal) {
    return shown(refusal.verdict().error);
  } catch (const RequestError& error) {
    return shown(error.error());
  }
  return "not refused";
}

}  // namespace qbatch::test
