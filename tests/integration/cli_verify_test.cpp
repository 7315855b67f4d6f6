#ifdef QBATCH_CLI
#include <filesystem>
#include <string>

#include "support/catch.hpp"
#include "support/cli_program.hpp"
#include "support/text_matchers.hpp"

// `qbatch verify`: whether what a file holds is what is stored.
namespace qbatch::test {
namespace {

/// The program in a folder where the thousand patterns of all.jsonl are stored in a.db.
struct StoredThousand : CliProgram {
  StoredThousand() : CliProgram(QBATCH_CLI) {
    std::string lines;
    for (int number = 0; number < 1000; ++number)
      lines += "{\"id\":" + std::to_string(number) + ",\"description\":\"number " + std::to_string(number) + "\"}\n";
    write("all.jsonl", lines);
    REQUIRE(run({"--local", "a.db", "store", "all.jsonl"}).exit == 0);
  }
};

}  // namespace

TEST_CASE("cli: verify finds what is stored as it should be", "[cli]") {
  StoredThousand cli;
  const auto all = cli.run({"--local", "a.db", "verify", "all.jsonl"});
  CHECK(all.exit == 0);
  CHECK(all.err.empty());
  CHECK(all.out == "1,000 patterns, 1,000 ids: all there, all equal; the collection holds 1,000 points\n");
  const auto sample = cli.run({"--local", "a.db", "verify", "all.jsonl", "--sample", "10", "--no-vectors"});
  CHECK(sample.exit == 0);
  CHECK_THAT(sample.out, contains("all there, 10 compared, none of them different"));
  cli.input = cli.read("all.jsonl").substr(0, cli.read("all.jsonl").find('\n') + 1);
  const CliJson json(cli.run({"--local", "a.db", "--json", "verify", "-"}).out);
  CHECK(json.text("/status") == "success");
  CHECK(json.number("/items") == 1);
  CHECK(json.number("/stored") == 1000);
  CHECK(json.size("/errors") == 0);
  // Usage metrics are no difference.
  cli.input = "{\"id\":1,\"increment_usage\":3}\n";
  REQUIRE(cli.run({"--local", "a.db", "update", "-"}).exit == 0);
  CHECK(cli.run({"--local", "a.db", "verify", "all.jsonl"}).exit == 0);
}

TEST_CASE("cli: verify finds what is missing, what differs, and what is no pattern", "[cli]") {
  StoredThousand cli;
  REQUIRE(cli.run({"--local", "a.db", "delete", "7", "8"}).exit == 0);
  cli.input = "{\"id\":9,\"description\":\"number 9\",\"metadata\":{\"changed\":true}}\n";
  REQUIRE(cli.run({"--local", "a.db", "store", "-"}).exit == 0);
  const auto people = cli.run({"--local", "a.db", "verify", "all.jsonl"});
  CHECK(people.exit == 1);
  CHECK_THAT(people.out, contains("1,000 ids: 2 not there, 1 not as in the file; the collection holds 998 points\n") &&
                             contains("    8  7   no such point is stored\n") &&
                             contains("   10  9   the stored payload is another one\n"));
  cli.write("more.jsonl", cli.read("all.jsonl") + "bad\n");
  const auto document = cli.run({"--local", "a.db", "--json", "verify", "more.jsonl"});
  CHECK(document.exit == 1);
  CHECK_THAT(document.err, contains("more.jsonl:1001: "));
  const CliJson json(document.out);
  CHECK(json.number("/items") == 1001);
  CHECK(json.number("/present") == 998);
  CHECK(json.number("/problems") == 4);
  REQUIRE(json.size("/errors") == 4);
  CHECK(json.text("/errors/0/kind") == "missing");
  CHECK(json.number("/errors/0/id") == 7);
  CHECK(json.number("/errors/0/index") == 7);
  CHECK(json.number("/errors/0/line") == 8);
  CHECK(json.text("/errors/2/kind") == "payload_differs");
  CHECK(json.text("/errors/3/kind") == "no_pattern");
  CHECK(json.number("/errors/3/line") == 1001);
  REQUIRE(cli.run({"--local", "a.db", "delete", "--filter", R"({"must":[{"key":"language","match":{"value":""}}]})"}).exit == 0);
  CHECK_THAT(cli.run({"--local", "a.db", "verify", "all.jsonl"}).out, contains("and 980 more; --json names the first thousand"));
}

TEST_CASE("cli: verify that cannot be carried out says why, and makes no file", "[cli]") {
  StoredThousand cli;
  CHECK(cli.run({"--local", "a.db", "verify", "missing.jsonl"}).exit == 2);
  const auto noFile = cli.run({"--local", "none.db", "verify", "all.jsonl"});
  CHECK(noFile.exit == 3);
  CHECK_THAT(noFile.err, contains("none.db does not exist"));
  CHECK_FALSE(std::filesystem::exists(cli.path("none.db")));
  const auto noCollection = cli.run({"--local", "a.db", "--json", "--collection", "nosuch", "verify", "all.jsonl"});
  CHECK(noCollection.exit == 3);
  CHECK(CliJson(noCollection.out).text("/status") == "error");
  const auto noServer = cli.run({"--url", "http://127.0.0.1:1", "verify", "all.jsonl"});
  CHECK(noServer.exit == 3);
  CHECK_THAT(noServer.err, contains("could not connect"));
}

}  // namespace qbatch::test
#endif
