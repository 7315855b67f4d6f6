#ifdef QBATCH_WITH_SERVE
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "integration/bad_body_bench.hpp"

// Bodies that are wrong on purpose, over a whole server: each is refused in the API's own form, and changes nothing.
namespace qbatch::test {
namespace {

/// A line of tests/data/bad_bodies.txt as it is meant.
std::string expanded(const std::string& line) {
  std::string text;
  std::size_t at = 0;
  for (auto begin = line.find("<<"); begin != std::string::npos; begin = line.find("<<", at)) {
    const auto space = line.find(' ', begin), end = line.find(">>", begin);
    text += line.substr(at, begin - at);
    const std::string word = line.substr(begin + 2, space - begin - 2);
    std::string rest = line.substr(space + 1, end - space - 1);
    if (word == "hex") {
      for (rest += ' '; rest.size() >= 3; rest.erase(0, 3)) text += static_cast<char>(std::stoi(rest.substr(0, 2), nullptr, 16));
    } else {
      text += repeated(rest, std::stoul(word));
    }
    at = end + 2;
  }
  return text + line.substr(at);
}

struct BadRequests {
  std::string line;
  std::vector<std::string> bodies{};
};

std::vector<BadRequests> badRequests() {
  std::ifstream file(QBATCH_TEST_DATA "/bad_bodies.txt");
  std::vector<BadRequests> all;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("@ ")) {
      all.push_back({expanded(line.substr(2))});
    } else if (!line.empty() && !line.starts_with("# ")) {
      all.back().bodies.push_back(expanded(line));
    }
  }
  return all;
}

/// Asks all of it of one server and returns how many there were.
std::size_t checkRefused(const std::vector<BadRequests>& requests) {
  BadBodyBench bench;
  std::size_t count = 0;
  for (const auto& [line, bodies] : requests) {
    for (const auto& body : bodies) {
      CAPTURE(line.substr(0, 100), shownBody(body));
      const auto status = bench.ask(line, body);
      CAPTURE(bench.answer().substr(0, 500));
      CHECK((status && *status >= 400));
      CHECK(bench.unharmed());
      ++count;
    }
  }
  CHECK(bench.unharmedAnew());
  return count;
}

}  // namespace

TEST_CASE("local server: requests whose bodies are none of theirs are refused and change nothing", "[serve]") {
  auto requests = badRequests();
  REQUIRE(requests.at(0).line == "*");
  requests.erase(requests.begin());
  CHECK(checkRefused(requests) > 600);
}

TEST_CASE("local server: what is no JSON, or too deep, is refused at every endpoint", "[serve]") {
  const auto everywhere = badRequests().at(0).bodies;
  std::vector<BadRequests> requests;
  for (const auto& good : goodRequests()) {
    if (requests.empty() || requests.back().line != good.line) requests.push_back({good.line, everywhere});
  }
  CHECK(checkRefused(requests) > 1500);
}

}  // namespace qbatch::test
#endif
