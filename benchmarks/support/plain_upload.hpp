#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "qbatch/qbatch.hpp"

namespace bench {

/// What a program without a library does: std::to_chars, strings escaped byte by byte, a curl handle and a thread for each connection.
void plainUpload(const std::vector<qbatch::Pattern>& patterns, std::size_t perRequest, std::size_t connections, const std::string& url,
                 const std::string& collection);

}  // namespace bench
