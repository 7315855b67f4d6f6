#include "hit_json.hpp"

#include <cmath>

#include "codec/json_writer.hpp"
#include "codec/utf8.hpp"
#include "qbatch/report.hpp"
#include "response_members.hpp"

namespace qbatch {
namespace response {
namespace {

/// A hit's metadata with its usage metrics beside the rest.
Payload metadataOf(const Hit& hit) {
  Payload metadata = hit.metadata;
  if (hit.usageCount) metadata.set("usage_count", *hit.usageCount);
  if (hit.successRate) {
    const bool finite = std::isfinite(*hit.successRate);
    metadata.set("success_rate", finite ? Payload::Value(*hit.successRate) : Payload::Value(nullptr));
  }
  if (hit.lastUsed) metadata.set("last_used", codec::toValidUtf8(*hit.lastUsed));
  return metadata;
}

void score(std::string& out, float value) {
  member(out, "score");
  if (std::isfinite(value)) {
    codec::appendFloat(out, value);
  } else {
    out += "null";
  }
}

}  // namespace

void hit(std::string& out, const Hit& value, Scores scores) {
  out += '{';
  idMember(out, value.id);
  text(out, "description", value.description);
  text(out, "code", value.code);
  text(out, "language", value.language);
  if (scores == Scores::shown) score(out, value.score);
  const Payload metadata = metadataOf(value);
  if (!metadata.empty()) {
    member(out, "metadata");
    out += metadata.json();
  }
  if (!value.collection.empty()) text(out, "collection", value.collection);
  out += '}';
}

}  // namespace response

std::string toJson(const Hit& hit) {
  std::string out;
  response::hit(out, hit, response::Scores::leftOut);
  return out;
}

}  // namespace qbatch
