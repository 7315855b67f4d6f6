#pragma once
#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/fake_qdrant.hpp"
#include "support/fake_transport.hpp"
#include "support/faulty_history.hpp"
#include "support/faulty_parcel.hpp"
#include "support/faulty_traits.hpp"

namespace qbatch::test {

/// As JSON has it.
[[nodiscard]] std::string idText(const PointId& id);

/// A Qdrant server that goes wrong as a random schedule says, with a second client that writes the same points; and a record of what really
/// happened to them. Asked by one thread at a time.
class FaultyServer {
 public:
  struct Options {
    FaultTraits traits{};
    std::string version = "1.18.3", collection = "patterns";
    std::set<PointId> bad{};      ///< a request that writes one of them is refused, and nothing of it is ever applied
    std::vector<PointId> ours{};  ///< the points of the call, which are watched
    std::function<void()> cancel{};
  };
  /// What the wire gives back. Without an answer the exchange hangs until it is stopped or its deadline has come.
  struct Reply {
    std::optional<http::Response> answer{};
    bool slowly = false;
  };

  FaultyServer(Options options, Random& random) : options_(std::move(options)), random_(random), qdrant_({options_.version}) {}

  /// Makes the collection, with vectors of four values compared by Cosine, and stores points in it, without troubles.
  struct Prepared {
    PointId id{0};
    std::string payload{};
    std::vector<float> vector{0.5F, 0.5F, 0.5F, 0.5F};
  };
  void preparePoints(const std::vector<Prepared>& points);
  /// One request without troubles. Throws std::runtime_error where the server does not like it.
  void prepare(std::string method, std::string path, std::string body);
  /// From here on things go wrong.
  void begin();
  [[nodiscard]] Reply handle(const http::Request& request);
  /// Carries out everything that is still queued.
  void settle();

  [[nodiscard]] const FakeQdrant& qdrant() const noexcept { return qdrant_; }
  [[nodiscard]] const Histories& histories() const noexcept { return histories_; }
  [[nodiscard]] const FaultTraits& traits() const noexcept { return options_.traits; }
  [[nodiscard]] std::size_t now() const noexcept { return clock_; }
  [[nodiscard]] std::size_t requests() const noexcept { return requests_; }
  [[nodiscard]] std::size_t met(Trouble trouble) const noexcept { return met_[static_cast<std::size_t>(trouble)]; }
  [[nodiscard]] std::size_t troubles() const noexcept { return troubles_; }
  [[nodiscard]] std::size_t meddled(Meddling kind) const noexcept { return meddled_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] std::size_t halfApplied() const noexcept { return halfApplied_; }
  [[nodiscard]] std::size_t tooLarge() const noexcept { return tooLarge_; }
  /// Every request in order, for messages.
  [[nodiscard]] std::string story() const { return story_; }

 private:
  struct Queued {
    Parcel parcel{};
    std::size_t due{};  // the request before which it is carried out
  };

  [[nodiscard]] Reply answered(const http::Request& request, Parcel& parcel);
  [[nodiscard]] std::optional<http::Response> stopped(const http::Request& request, const Parcel& parcel);
  [[nodiscard]] std::optional<http::Response> refusal(const Parcel& parcel);
  [[nodiscard]] Trouble draw(const Parcel& parcel);
  [[nodiscard]] http::Response inTrouble(Trouble trouble, const Parcel& parcel);
  [[nodiscard]] http::Response fromTheLog(Trouble trouble, const Parcel& parcel);
  [[nodiscard]] http::Response carryOut(const Parcel& parcel, Author author = Author::ours);
  [[nodiscard]] http::Response refuse(const Parcel& parcel);
  [[nodiscard]] bool holdsBad(const Parcel& parcel) const;
  [[nodiscard]] http::Response asked(const Exchange& exchange);
  void queue(const Parcel& parcel, bool perhapsAtTheEnd);
  void deliver(std::size_t place);
  void deliverDue();
  void meddle();
  void watch(Author author, std::size_t request);
  void noteHeard(const Parcel& parcel, const http::Response& response);
  void tell(const std::string& line) { story_ += "\n    " + std::to_string(clock_) + ": " + line; }
  [[nodiscard]] std::optional<Content> contentOf(const PointId& id) const;
  [[nodiscard]] std::string path(const std::string& rest) const { return "/collections/" + options_.collection + rest; }

  Options options_;
  Random& random_;
  FakeQdrant qdrant_;
  Histories histories_;
  std::vector<Queued> queue_;
  std::size_t clock_ = 0, requests_ = 0, troubles_ = 0, halfApplied_ = 0, tooLarge_ = 0, meddlings_ = 0;
  std::array<std::size_t, troubleKinds> met_{};
  std::array<std::size_t, meddlingKinds> meddled_{};
  std::string story_{};
};

}  // namespace qbatch::test
