// Starts Qdrant's REST API over a store in memory, on a free port, as a test of another project would.
#include <iostream>
#include <qbatch/local_server.hpp>

int main() {
  qbatch::LocalServer server;
  if (server.port() == 0 || server.url() != "http://127.0.0.1:" + std::to_string(server.port())) {
    std::cerr << "no address: " << server.url() << '\n';
    return 1;
  }
  std::cout << "served at " << server.url() << '\n';
  server.stop();
  return 0;
}
