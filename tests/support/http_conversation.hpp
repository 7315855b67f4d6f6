#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "support/http_exchange.hpp"
#include "support/http_socket.hpp"
#include "support/scripted_server.hpp"

namespace qbatch::test {

/// The requests and answers of one connection of an ScriptedServer, one after the other.
class HttpConversation {
 public:
  HttpConversation(ScriptedServer& server, HttpSocket& socket, std::size_t number) : server_(server), socket_(socket), number_(number) {}
  /// Returns when the connection has ended.
  void run();

 private:
  /// Each returns false where the connection is at its end.
  bool one();
  bool readHead(const HttpFault& fault, std::string& head);
  bool readBody(Exchange& exchange, std::optional<std::size_t> limit);
  bool readChunks(std::string& body, std::optional<std::size_t> limit);
  HttpAnswer answerTo(const Exchange& exchange, const HttpStep* step);
  bool respond(const Exchange& exchange, const HttpStep* step);
  bool send(const std::string& bytes, const HttpFault& fault);
  /// Takes `size` bytes off the input.
  bool take(std::string& into, std::size_t size);
  bool takeLine(std::string& line);
  bool end(Cut cut);

  ScriptedServer& server_;
  HttpSocket& socket_;
  std::size_t number_;
  std::string input_{};  // received, not yet used
};

}  // namespace qbatch::test
