#include "qbatch/error.hpp"

#include <set>
#include <string>
#include <system_error>

#include "support/catch.hpp"

using namespace qbatch;

TEST_CASE("no error has a zero code and empty texts") {
  const Error none;
  CHECK_FALSE(none);
  CHECK_FALSE(none.code());
  CHECK(none.code().value() == 0);
  CHECK(none.httpStatus() == 0);
  CHECK(none.message().empty());
  CHECK(none.serverMessage().empty());
  CHECK(none.origin() == Origin::caller);
}

TEST_CASE("an error keeps what it was made of, and so do its copies") {
  Error copy;
  {
    const Error error(Errc::refused, Origin::server, "the collection refused the vector", 400, "Wrong input: Vector dimension error");
    copy = error;
  }
  CHECK(copy);
  CHECK(copy.code() == Errc::refused);
  CHECK(copy.code() != Errc::tooLarge);
  CHECK(copy.origin() == Origin::server);
  CHECK(copy.httpStatus() == 400);
  CHECK(copy.message() == "the collection refused the vector");
  CHECK(copy.serverMessage() == "Wrong input: Vector dimension error");
}

TEST_CASE("a moved-from error is no error") {
  Error from(Errc::internal, Origin::server, "x");
  const Error to = std::move(from);
  CHECK(to.message() == "x");
  CHECK_FALSE(from);  // NOLINT(bugprone-use-after-move)
  CHECK(from.message().empty());
}

TEST_CASE("codes belong to the category qbatch and each says something of its own") {
  CHECK(std::string(errorCategory().name()) == "qbatch");
  std::set<std::string> texts;
  const int last = static_cast<int>(Errc::internal);
  for (int code = 1; code <= last; ++code) {
    const std::error_code made = static_cast<Errc>(code);
    CHECK(made.category() == errorCategory());
    CHECK(made.value() == code);
    texts.insert(made.message());
  }
  CHECK(texts.size() == static_cast<std::size_t>(last));
  CHECK(texts.count(errorCategory().message(last + 1)) == 0);
  CHECK(errorCategory().message(0) == "no error");
}

TEST_CASE("a configuration error holds every problem, one a line") {
  const ConfigError error({"url: it is empty", "threads: at most 1024"});
  CHECK(error.problems().size() == 2);
  CHECK(std::string(error.what()) == "url: it is empty\nthreads: at most 1024");
  const ConfigError copy = error;
  CHECK(&copy.problems() == &error.problems());
}

TEST_CASE("a parse error says what and where") {
  const ParseError error("a comma is missing", 17);
  CHECK(error.offset() == 17);
  CHECK(std::string(error.what()) == "a comma is missing (at byte 17)");
}

TEST_CASE("a request error carries its error") {
  const RequestError error(Error(Errc::unavailable, Origin::transport, "connection refused"));
  CHECK(std::string(error.what()) == "connection refused");
  CHECK(error.error().code() == Errc::unavailable);
}
