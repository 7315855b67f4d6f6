#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "qbatch/backend.hpp"
#include "qbatch/options.hpp"

namespace qbatch::rest {

/// Appends what is wrong with the options that say how to reach a server, each problem beginning with the field's name.
void checkServerOptions(std::vector<std::string>& problems, const ClientOptions& options);

/// The backend for `options.url`, which must have passed the check. `post` carries out tasks on threads that may compute, and must outlive
/// the backend. Throws RequestError where no transport can be had. Nothing is sent yet.
[[nodiscard]] std::shared_ptr<Backend> connect(const ClientOptions& options, std::function<void(std::function<void()>)> post);

}  // namespace qbatch::rest
