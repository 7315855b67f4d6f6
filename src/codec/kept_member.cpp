#include "codec/kept_member.hpp"

#include <string>

namespace qbatch::codec {

bool isKept(std::string_view name, const JsonObject& stored, const FieldNames& fields) {
  constexpr std::string_view ownPrefix = "_qbatch", counterPrefix = "_qbatch_counter_";
  if (name == fields.usageCount || name == fields.successRate || name == fields.lastUsed || name.starts_with(ownPrefix)) return true;
  return stored.find(std::string(counterPrefix) + std::string(name)) != nullptr;
}

}  // namespace qbatch::codec
