#include "figures.hpp"

#include <algorithm>

#include "messages.hpp"
#include "qbatch/payload.hpp"
#include "qbatch/version.hpp"

namespace service {
namespace {

std::string number(double value) { return qbatch::Payload{{"n", value}}.getJson("n").value(); }
double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void single(std::string& out, const std::string& name, std::string_view type, std::string_view help, const std::string& value) {
  head(out, name, type, help);
  out += name + " " + value + "\n";
}

void counts(std::string& out, const std::string& name, std::string_view help, const std::map<std::string, std::uint64_t>& values) {
  head(out, name, "counter", help);
  for (const auto& [labels, value] : values) out += name + "{" + labels + "} " + std::to_string(value) + "\n";
}

}  // namespace

void Figures::request(std::string_view method, std::string_view route, int status, std::chrono::nanoseconds time, std::size_t received,
                      std::size_t sent) {
  const std::string place = "method=\"" + std::string(method) + "\",route=\"" + std::string(route) + "\"";
  const auto bound = std::lower_bound(bounds.begin(), bounds.end(), seconds(time)) - bounds.begin();
  const std::lock_guard lock(mutex_);
  ++requests_[place + ",status=\"" + std::to_string(status) + "\""];
  auto& times = times_[place];
  ++times.counts[static_cast<std::size_t>(bound)];
  times.sum += time;
  received_ += received;
  sent_ += sent;
}

void Figures::items(std::string_view verb, const qbatch::BatchReport& report, std::size_t refused) {
  using qbatch::Outcome;
  const std::lock_guard lock(mutex_);
  for (const auto outcome : {Outcome::done, Outcome::accepted, Outcome::rejected, Outcome::failed, Outcome::unknown, Outcome::unsent}) {
    const auto count = report.count(outcome) + (outcome == Outcome::rejected ? refused : 0);
    if (count > 0) items_["verb=\"" + std::string(verb) + "\",outcome=\"" + std::string(toString(outcome)) + "\""] += count;
  }
  backendRequests_ += report.stats().requests;
  retries_ += report.stats().retries;
  splits_ += report.stats().splits;
}

void Figures::notWritten(const std::string& problem) {
  if (notWritten_++ == 0) cli::complain("an answer by Idempotency-Key could not be written, and will be lost at the end: " + problem);
}

std::string Figures::text() const {
  std::string out;
  const std::lock_guard lock(mutex_);
  head(out, "qbatch_build_info", "gauge", "The version that runs.");
  out += "qbatch_build_info{version=\"" + std::string(qbatch::version()) + "\"} 1\n";
  counts(out, "qbatch_http_requests_total", "Requests answered (status 0: the connection ended before).", requests_);
  const std::string name = "qbatch_http_request_seconds";
  head(out, name, "histogram", "From a request's first byte to its answer's last one.");
  for (const auto& [labels, times] : times_) {
    std::uint64_t sum = 0;
    for (std::size_t bound = 0; bound <= bounds.size(); ++bound) {
      sum += times.counts[bound];
      const auto upTo = bound == bounds.size() ? "+Inf" : number(bounds[bound]);
      out += name + "_bucket{" + labels + ",le=\"" + upTo + "\"} " + std::to_string(sum) + "\n";
    }
    out += name + "_sum{" + labels + "} " + number(seconds(times.sum)) + "\n";
    out += name + "_count{" + labels + "} " + std::to_string(sum) + "\n";
  }
  single(out, "qbatch_http_running", "gauge", "Requests that are being carried out.", std::to_string(running_));
  single(out, "qbatch_http_received_bytes_total", "counter", "Bytes of requests' bodies.", std::to_string(received_));
  single(out, "qbatch_http_sent_bytes_total", "counter", "Bytes of answers' bodies.", std::to_string(sent_));
  single(out, "qbatch_repeats_total", "counter", "Repeats by Idempotency-Key that got the first one's answer.", std::to_string(repeats_));
  single(out, "qbatch_answers_not_written_total", "counter", "Answers by Idempotency-Key that could not be written.",
         std::to_string(notWritten_));
  counts(out, "qbatch_items_total", "What became of items.", items_);
  single(out, "qbatch_backend_requests_total", "counter", "Requests to the store, repeats included.", std::to_string(backendRequests_));
  single(out, "qbatch_backend_retries_total", "counter", "Repeats of requests to the store.", std::to_string(retries_));
  single(out, "qbatch_backend_splits_total", "counter", "Requests to the store that were divided.", std::to_string(splits_));
  return out;
}

}  // namespace service
