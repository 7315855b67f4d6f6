#pragma once
#include "arguments.hpp"
#include "session.hpp"
#include "tally.hpp"

namespace cli {

// Each carries out a command, prints its result on stdout and returns the exit code. Throws qbatch::ConfigError (misuse),
// qbatch::RequestError (nothing could be done), InputError (unreadable input) and OutputError.

[[nodiscard]] ExitCode runCommand(const StoreArguments& arguments, const Context& context);
[[nodiscard]] ExitCode runCommand(const ReplayArguments& arguments, const Context& context);
[[nodiscard]] ExitCode runCommand(const VerifyArguments& arguments, const Context& context);
[[nodiscard]] ExitCode runCommand(const SearchArguments& arguments, const Context& context);
[[nodiscard]] ExitCode runCommand(const UpdateArguments& arguments, const Context& context);
[[nodiscard]] ExitCode runCommand(const DeleteArguments& arguments, const Context& context);
[[nodiscard]] ExitCode runCommand(const ListArguments& arguments, const Context& context);
[[nodiscard]] ExitCode runCommand(const CreateArguments& arguments, const Context& context);
[[nodiscard]] ExitCode runCommand(const DropArguments& arguments, const Context& context);
[[nodiscard]] ExitCode runCommand(const AliasArguments& arguments, const Context& context);
[[nodiscard]] ExitCode runCommand(const SweepMarksArguments& arguments, const Context& context);
/// Serves until a stop is requested.
[[nodiscard]] ExitCode runCommand(const LocalServerArguments& arguments, const Context& context);

}  // namespace cli
