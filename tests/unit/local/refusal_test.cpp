#include "local/refusal.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

TEST_CASE("refusals carry the verdict that they stand for, and nothing was applied") {
  const Refusal item = refuseItem("Wrong input: words");
  CHECK(item.verdict().kind == Verdict::Kind::itemAtFault);
  CHECK(item.verdict().error.code() == make_error_code(Errc::refused));
  CHECK(item.verdict().error.httpStatus() == 400);
  CHECK(item.verdict().error.serverMessage() == "Wrong input: words");
  CHECK(std::string(item.what()) == "Wrong input: words");

  const Refusal missing = noCollection("c");
  CHECK(missing.verdict().kind == Verdict::Kind::fatal);
  CHECK(missing.verdict().error.code() == make_error_code(Errc::collectionNotFound));
  CHECK(missing.verdict().error.serverMessage() == "Not found: Collection `c` doesn't exist!");

  const Refusal all = refuseAll(Error(Errc::unsupported, Origin::server, "no"));
  CHECK(all.verdict().kind == Verdict::Kind::fatal);
  const Reply reply = replyOf(all.verdict());
  CHECK(reply.verdict.error.message() == "no");
  CHECK(std::holds_alternative<std::monostate>(reply.answer));
  for (const Refusal* refusal : {&item, &missing, &all}) CHECK_FALSE(refusal->verdict().maybeApplied);
}
