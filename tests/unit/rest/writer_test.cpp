#include "rest/writer.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

#include "support/catch.hpp"

using namespace qbatch::rest;
using Clock = std::chrono::system_clock;

TEST_CASE("a writer keeps its name, and its numbers ascend") {
  Writer writer;
  const auto name = writer.name();
  const auto first = writer.next(Clock::now()), second = writer.next(Clock::now());
  CHECK(first.writer == name);
  CHECK(second.writer == name);
  CHECK(first.sequence < second.sequence);
  CHECK(second.sequence < (std::uint64_t{1} << 53));
  CHECK_FALSE(writer.forked());
}

TEST_CASE("two writers have two names") { CHECK(Writer().name() != Writer().name()); }

TEST_CASE("a forked process writes under a name of its own") {
  Writer writer;
  const auto name = writer.name();
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // Nothing but what a child of a program with threads may do, and the writer.
    auto said = writer.next(Clock::now()).writer;
    said += writer.name() == said ? "=" : "!";
    said += writer.forked() ? "f" : "o";
    const auto sent = ::write(ends[1], said.data(), said.size());
    ::_exit(sent == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string said(100, '\0');
  const auto received = ::read(ends[0], said.data(), said.size());
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  said.resize(static_cast<std::size_t>(received));
  CHECK(said.substr(said.size() - 2) == "=f");
  CHECK(said.substr(0, said.size() - 2) != name);
  CHECK(said.size() == name.size() + 2);
  CHECK(writer.name() == name);
}
