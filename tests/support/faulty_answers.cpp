#include "support/faulty_answers.hpp"

#include <utility>

namespace qbatch::test {

http::Response errorAnswer(int status, const std::string& words, std::vector<http::Header> headers) {
  headers.push_back({"content-type", "application/json"});
  return answer(status, R"({"status":{"error":")" + words + R"("},"time":0.0})", std::move(headers));
}

http::Response lost(http::Fault::Kind kind) { return fault(kind, "the connection was lost", true); }

http::Response brokenBody() {
  auto response = fault(http::Fault::Kind::reset, "the connection was lost", true);
  response.fault.whileSending = true;
  return response;
}

Heard heardFrom(const Parcel& parcel, const http::Response& response) {
  if (response.fault.kind != http::Fault::Kind::none)
    return response.fault.mayHaveArrived && !response.fault.whileSending ? Heard::nothing : Heard::surelyNot;
  // A batch may have been stopped in its middle.
  if (response.status == 429 || response.status == 413)
    return parcel.operations != 0 && parcel.ids.size() > 1 ? Heard::nothing : Heard::surelyNot;
  if (response.status == 400) return response.body.find("larger than allowed") != std::string::npos ? Heard::surelyNot : Heard::refused;
  if (response.status != 200) return Heard::nothing;
  if (response.body.find("\"wait_timeout\"") != std::string::npos || response.body.find("\"acknowledged\"") != std::string::npos)
    return Heard::inTheLog;
  const bool whole = response.body.find("\"completed\"") != std::string::npos && response.body.back() == '}';
  return whole ? Heard::carriedOut : Heard::nothing;
}

http::Response logged(const Parcel& parcel) {
  const std::string one = std::string(R"({"operation_id":0,"status":")") + (parcel.waits() ? "wait_timeout" : "acknowledged") + "\"}";
  std::string list;
  for (auto i = parcel.operations; i > 0; --i) list += (list.empty() ? "" : ",") + one;
  const auto result = parcel.operations == 0 ? one : "[" + list + "]";
  return answer(200, R"({"result":)" + result + R"(,"status":"ok","time":0.0})");
}

}  // namespace qbatch::test
