#include "http/answer_buffer.hpp"

#include <string>

#include "support/catch.hpp"

using namespace qbatch;
using http::AnswerBuffer;

TEST_CASE("headers are collected line by line") {
  AnswerBuffer buffer;
  buffer.begin(100);
  for (const auto* line :
       {"HTTP/1.1 200 OK\r\n", "Content-Type:  application/json \r\n", "Empty:\r\n", "Long: one\r\n", "\t two\r\n", "no colon\r\n", "\r\n"})
    CHECK(buffer.addHeaderLine(line));
  const auto headers = buffer.takeHeaders();
  REQUIRE(headers.size() == 3);
  CHECK(headers[0].name == "Content-Type");
  CHECK(headers[0].value == "application/json");
  CHECK(headers[1].name == "Empty");
  CHECK(headers[1].value.empty());
  CHECK(headers[2].value == "one two");
  CHECK(buffer.excess() == AnswerBuffer::Excess::none);
}

TEST_CASE("an interim answer's headers are dropped") {
  AnswerBuffer buffer;
  buffer.begin(100);
  for (const auto* line : {"HTTP/1.1 103 Early\r\n", "A: 1\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "B: 2\r\n", "\r\n"})
    CHECK(buffer.addHeaderLine(line));
  const auto headers = buffer.takeHeaders();
  REQUIRE(headers.size() == 1);
  CHECK(headers[0].name == "B");
}

TEST_CASE("a head is whole with the empty line behind the answer's own") {
  AnswerBuffer buffer;
  for (int round = 0; round < 2; ++round) {
    buffer.begin(100);
    CHECK_FALSE(buffer.hasWholeHead());
    for (const auto* line : {"HTTP/1.1 100 Continue\r\n", "A: 1\r\n", "\r\n", "HTTP/2 200 \r\n", "B: 2\r\n"}) {
      CHECK(buffer.addHeaderLine(line));
      CHECK_FALSE(buffer.hasWholeHead());
    }
    CHECK(buffer.addHeaderLine("\r\n"));
    CHECK(buffer.hasWholeHead());
    CHECK(buffer.addHeaderLine("Trailer: 1\r\n"));
    CHECK(buffer.hasWholeHead());
  }
}

TEST_CASE("the head is bounded") {
  AnswerBuffer buffer;
  buffer.begin(100);
  const std::string line = "A: " + std::string(1019, 'x') + "\r\n";
  for (std::size_t i = 0; i < AnswerBuffer::maxHeaderBytes / line.size(); ++i) REQUIRE(buffer.addHeaderLine(line));
  CHECK_FALSE(buffer.addHeaderLine("\r\n"));
  CHECK(buffer.excess() == AnswerBuffer::Excess::headers);
  buffer.begin(100);
  CHECK(buffer.excess() == AnswerBuffer::Excess::none);
  CHECK(buffer.addHeaderLine("\r\n"));
}

TEST_CASE("the body is bounded, whatever length was announced") {
  AnswerBuffer buffer;
  buffer.begin(10);
  CHECK(buffer.addBody("12345", 0));
  CHECK(buffer.addBody("67890", 0));
  SECTION("all of it") {
    const auto body = buffer.takeBody();
    CHECK(body == "1234567890");
    CHECK(body.capacity() >= body.size() + AnswerBuffer::padding);
  }
  SECTION("one byte more") {
    CHECK_FALSE(buffer.addBody("x", 0));
    CHECK(buffer.excess() == AnswerBuffer::Excess::body);
    CHECK(buffer.takeBody().empty());
  }
  SECTION("more announced") { CHECK_FALSE(buffer.addBody("", 11)); }
  SECTION("less announced") { CHECK(buffer.addBody("", 3)); }
}

TEST_CASE("memory grows with what came and not with what was announced") {
  AnswerBuffer buffer;
  buffer.begin(std::size_t{1} << 40);
  CHECK(buffer.addBody("x", std::size_t{1} << 39));
  CHECK(buffer.takeBody().capacity() < (2u << 20));
  buffer.begin(1u << 30);
  std::string all;
  for (int i = 0; i < 3000; ++i) {
    const std::string piece(997, static_cast<char>('a' + i % 26));
    REQUIRE(buffer.addBody(piece, 0));
    all += piece;
  }
  const auto body = buffer.takeBody();
  CHECK((body == all));
  CHECK(body.capacity() >= body.size() + AnswerBuffer::padding);
  CHECK(body.capacity() < 2 * body.size() + 4096);
}

TEST_CASE("an empty body has its padding too") {
  AnswerBuffer buffer;
  buffer.begin(0);
  CHECK(buffer.addBody("", 0));
  CHECK_FALSE(buffer.addBody("x", 0));
  buffer.begin(0);
  CHECK(buffer.takeBody().capacity() >= AnswerBuffer::padding);
}
