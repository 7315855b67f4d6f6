#pragma once
#include <string>
#include <vector>

#include "support/fake_transport.hpp"
#include "support/faulty_history.hpp"
#include "support/faulty_parcel.hpp"

// What a server that goes wrong says, and what a client may conclude from it.
namespace qbatch::test {

[[nodiscard]] http::Response errorAnswer(int status, const std::string& words, std::vector<http::Header> headers = {});
/// The request left, and there is no answer.
[[nodiscard]] http::Response lost(http::Fault::Kind kind);
[[nodiscard]] http::Response brokenBody();
/// That a write is in the log: in the words for those who wait, or for those who do not.
[[nodiscard]] http::Response logged(const Parcel& parcel);
/// What a client was told of a write by this answer.
[[nodiscard]] Heard heardFrom(const Parcel& parcel, const http::Response& response);

}  // namespace qbatch::test
