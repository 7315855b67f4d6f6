#pragma once
#include <sys/types.h>

#include <string>

namespace bench {

/// A server in a process of its own that answers at once what Qdrant would and keeps nothing, so that what is measured is the client.
/// Queries are answered in lists of five hits each with a payload of some 600 bytes, 100 lists a request.
class Sink {
 public:
  Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  ~Sink();
  [[nodiscard]] const std::string& url() const noexcept { return url_; }

 private:
  std::string url_{};
  pid_t process_ = 0;
};

}  // namespace bench
