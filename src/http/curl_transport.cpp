#include "http/curl_transport.hpp"

#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "http/curl_loop.hpp"
#include "qbatch/error.hpp"

namespace qbatch::http {
namespace {

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(CurlOptions options) : loop_(std::move(options)), thread_([this] { loop_.run(); }) {}
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;
  ~CurlTransport() override {
    loop_.stop();
    thread_.join();
  }

  void start(Request request, Done done) override { loop_.start(std::move(request), std::move(done)); }
  void wakeAt(TimePoint time, std::stop_token stop, std::function<void()> done) override {
    loop_.wakeAt(time, std::move(stop), std::move(done));
  }

 private:
  CurlLoop loop_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Transport> makeCurlTransport(CurlOptions options) {
  try {
    return std::make_unique<CurlTransport>(std::move(options));
  } catch (const std::system_error& error) {
    throw RequestError(Error(Errc::internal, Origin::transport, std::string("no thread can be had for requests: ") + error.what()));
  }
}

}  // namespace qbatch::http
