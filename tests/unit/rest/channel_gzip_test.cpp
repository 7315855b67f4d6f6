#include "rest/channel.hpp"
#include "support/catch.hpp"
#include "support/channel_calls.hpp"
#include "support/gzipped.hpp"
#include "support/rest_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;
using rest::ChannelOptions;
using Kind = Verdict::Kind;

namespace {

ChannelOptions packing(std::size_t from) {
  ChannelOptions options;
  options.rest.gzipFrom = from;
  return options;
}

bool saidToBePacked(const FakeTransport::Seen& sent) {
  for (const auto& header : sent.headers)
    if (header.name == "Content-Encoding") return header.value == "gzip";
  return false;
}

}  // namespace

TEST_CASE("bodies of the given size are packed, and say so; smaller ones, and calls without a body, are not") {
  RestRig rig(always(resultOf("true")), packing(1000));
  send(rig, put(1000));
  send(rig, put(999));
  send(rig, get());
  const auto sent = rig.record->all();
  CHECK(sent[0].body == gzipped(std::string(1000, ' ')));
  CHECK(saidToBePacked(sent[0]));
  CHECK(sent[1].body == std::string(999, ' '));
  CHECK_FALSE(saidToBePacked(sent[1]));
  CHECK_FALSE(saidToBePacked(sent[2]));
}

TEST_CASE("nothing is packed by default, nor what would not get smaller") {
  RestRig rig(always(resultOf("true")));
  send(rig, put(1'000'000));
  CHECK_FALSE(saidToBePacked(rig.record->all()[0]));
  RestRig small(always(resultOf("true")), packing(1));
  send(small, put(2));
  CHECK(small.record->all()[0].body == "  ");
  CHECK_FALSE(saidToBePacked(small.record->all()[0]));
}

TEST_CASE("a server that does not unpack ends the batch in words that say what to do, and nothing is taken for applied") {
  const auto refusal =
      GENERATE(answer(415, "Unsupported Media Type"), answer(400, "Format error in JSON body: expected value at line 1 column 1"));
  RestRig rig(always(refusal), packing(100));
  const auto packed = send(rig, put(1000)).verdict;
  CHECK(packed.kind == Kind::fatal);
  CHECK_FALSE(packed.maybeApplied);
  CHECK(hasPart(packed.error.message(), "set rest.gzipFrom to 0"));
  // The same words against a body that was sent as it is are about that body.
  const auto plain = send(rig, put(99)).verdict;
  CHECK_FALSE(hasPart(plain.error.message(), "gzip"));
}
