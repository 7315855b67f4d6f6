#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "qbatch/export.hpp"

namespace qbatch {

struct AnswerStoreOptions {
  std::string file = ":memory:";         ///< created where it is missing; ":memory:" forgets with the object
  std::chrono::seconds keep{24 * 3600};  ///< how long an answer is remembered
  std::size_t maxBytes = 1u << 30;       ///< of keys and answers; beyond it the oldest answers go first, but never the newest. 0: no limit
};

/// What becomes of a request that carries a key (an HTTP API's Idempotency-Key): the first one is carried out, a repeat gets its answer, a
/// repeat that comes while the first one runs waits for it. In one SQLite file, or in memory. Works on a thread of its own; any number of
/// threads may use one object. One process at a time has the file, and `<file>-owner` beside it names it to others.
class QBATCH_EXPORT AnswerStore {
 public:
  /// The right, and the duty, to carry a request out. Dropping it without keep() lets the next with this key carry it out.
  class QBATCH_EXPORT Claim {
   public:
    Claim(Claim&&) noexcept;
    Claim& operator=(Claim&&) noexcept;
    ~Claim();
    /// Remembers the answer. `then` is called once, when it is on the disk (or could not be written, which is given as a sentence; empty:
    /// written); waiting repeats get the answer after that. On the store's own thread, or on this one where the store is closed already.
    /// What could not be written is still given to repeats as long as this object lives, and written once the disk has room again. Throws
    /// ConfigError where the claim has its answer, or was moved from.
    void keep(std::string answer, std::function<void(std::string problem)> then);

   private:
    friend class AnswerStore;
    struct State;
    explicit Claim(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
  };

  /// What a request with a key is to do.
  struct Turn {
    enum class Kind {
      first,         ///< carry it out: `claim` is set
      repeat,        ///< give `answer`, which the first one got
      otherRequest,  ///< the key was used for another request: refuse
      interrupted,   ///< it was begun, and the process ended before there was an answer: what of it was done is not known
      broken,        ///< the file cannot be read or written, or the store was closed: not to be carried out; `answer` says why
    };
    Kind kind = Kind::first;
    std::string answer{};
    std::shared_ptr<Claim> claim{};
  };

  /// Throws ConfigError, and RequestError where the file is in use by another process (Errc::inUse), another program's or damaged
  /// (storageBroken; it is left as it is), or cannot be read or written.
  explicit AnswerStore(AnswerStoreOptions options = {});
  AnswerStore(const AnswerStore&) = delete;
  AnswerStore& operator=(const AnswerStore&) = delete;
  /// Writes what was given to keep(). Those who still wait for a first one hear `broken`; claims may outlive the store. May run in a
  /// callback of its own; the rest is then done afterwards.
  ~AnswerStore();

  /// `key` is any 1 to 255 bytes; ConfigError is thrown where it is not. `request` is the whole request (its method, address and body), of
  /// which a hash is kept. Where carrying it out twice would do harm (`repeatable` is false), the key is on the disk before it is carried
  /// out, so that after a crash a repeat is `interrupted`; otherwise a repeat after a crash is the first again. `then` is called once, on
  /// the store's own thread; it must not block, and what it throws is dropped.
  void ask(std::string_view key, std::string_view request, bool repeatable, std::function<void(Turn)> then);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace qbatch
