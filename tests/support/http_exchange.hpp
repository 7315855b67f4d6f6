#pragma once
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the tests' HTTP server receives and answers, and the ways in which it goes wrong on purpose.
namespace qbatch::test {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// One request as it was received.
struct Exchange {
  std::string method{};
  std::string target{};                        ///< as it was sent: path and query
  std::string path{};                          ///< still with its percent signs
  std::map<std::string, std::string> query{};  ///< percent signs resolved
  HttpHeaders headers{};                       ///< names in lower case
  std::string body{};
  std::size_t connection{};  ///< from 0, in the order in which they were accepted
  bool whole = true;         ///< false where the server cut the connection, or was left, before the body's end

  /// The first header of this name (in lower case); nullptr where there is none.
  [[nodiscard]] const std::string* header(std::string_view name) const noexcept;
};

/// How a connection ends: `close` as a server does that closes its socket (data that it has not read makes that a reset, too), `reset`
/// always with a TCP reset.
enum class Cut { none, close, reset };

/// What goes wrong with one request. Members may be combined; all unset: nothing goes wrong.
struct HttpFault {
  /// Ends the connection as soon as it is accepted, or where a request on an open connection begins. Only in a script.
  Cut onAccept = Cut::none;
  /// How the connection ends at the point that the members below name; `none` there means `close`.
  Cut cut = Cut::none;
  std::optional<std::size_t> readHead{};  ///< the connection ends when so many bytes of the head were read. Only in a script
  std::optional<std::size_t> readBody{};  ///< the connection ends when so many bytes of the body were read
  /// Answers when the head was read, with the step's own answer (413 where it has none); nothing is handled. The connection ends behind the
  /// answer: with `cut`, or, without it, in good manners: the rest of the request is read and thrown away.
  bool skipBody = false;

  // From here on the request was received and handled.
  std::chrono::milliseconds delay{};       ///< between handling and answering
  bool silent = false;                     ///< never answers; the connection stays open until the client leaves it or the server stops
  bool noAnswer = false;                   ///< the connection ends without an answer
  std::optional<std::size_t> sendBytes{};  ///< the connection ends behind so many bytes of the answer
  std::chrono::milliseconds trickle{};     ///< above 0: one byte of the answer, then so long a pause
  std::optional<std::string>
      raw{};                ///< these bytes instead of the answer; the connection stays open unless `cut` or `lastAnswer` say otherwise
  unsigned copies = 1;      ///< how often the answer is sent
  bool lastAnswer = false;  ///< `Connection: close`, and the connection ends behind the answer
};

/// What a handler answers. A Content-Type and a Content-Length are added where `headers` has none.
struct HttpAnswer {
  int status = 200;
  HttpHeaders headers{};
  std::string body{};
  bool chunked = false;  ///< sent in chunks instead of with its length
  HttpFault fault{};     ///< only members that act when the request was handled
};

/// One entry of a script.
struct HttpStep {
  HttpStep(HttpFault what) : fault(std::move(what)) {}                       // NOLINT(google-explicit-constructor)
  HttpStep(HttpAnswer what) : fault(what.fault), answer(std::move(what)) {}  // NOLINT(google-explicit-constructor)
  HttpStep(HttpFault what, HttpAnswer instead, bool handleFirst)
      : fault(std::move(what)), answer(std::move(instead)), handle(handleFirst) {}

  HttpFault fault;
  std::optional<HttpAnswer> answer{};  ///< instead of the handler's
  bool handle = false;                 ///< the handler carries the request out although `answer` is what the client gets
};

/// The steps that tests write most.
[[nodiscard]] HttpStep cutOnAccept(Cut cut);
/// The request is handled, and the client never hears of it.
[[nodiscard]] HttpStep handledThenCut(Cut cut);
/// The request is handled, and the client gets another answer.
[[nodiscard]] HttpStep handledThenAnswered(HttpAnswer answer);
[[nodiscard]] HttpStep answeredLate(std::chrono::milliseconds delay);
[[nodiscard]] HttpStep answeredInPart(std::size_t bytes, Cut cut);

/// Reads a request's head, which ends with its empty line. nullopt where it is no HTTP/1.x.
[[nodiscard]] std::optional<Exchange> parseHead(std::string_view head);
/// The bytes that go over the wire. `withBody` is false for HEAD.
[[nodiscard]] std::string answerBytes(const HttpAnswer& answer, bool withBody, bool closes);
/// `%41` and `+` resolved.
[[nodiscard]] std::string percentDecoded(std::string_view text);

}  // namespace qbatch::test
