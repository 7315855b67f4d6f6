#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "answers.hpp"
#include "qbatch/http_server.hpp"
#include "tools.hpp"

namespace service {

/// One request on its way through a handler.
struct Call {
  qbatch::HttpRequest request{};
  std::vector<std::string> parameters{};  ///< what stands in the path for the route's {names}
  Reply reply{};
};

// Each starts what the request asks for and returns; the reply is called when that has ended. Throws Refusal.

void storePatterns(Tools& tools, Call call);
void searchPatterns(Tools& tools, Call call);
void updateMetrics(Tools& tools, Call call);
void deletePatterns(Tools& tools, Call call);
void changeCollections(Tools& tools, Call call);
void listCollections(Tools& tools, Call call);

void storePattern(Tools& tools, Call call);
void searchOnce(Tools& tools, Call call);
void readPatternById(Tools& tools, Call call);
void deletePatternById(Tools& tools, Call call);
void updatePatternById(Tools& tools, Call call);

void tellHealth(Tools& tools, Call call);
void tellReadiness(Tools& tools, Call call);
void tellFigures(Tools& tools, Call call);
void tellInterface(Tools& tools, Call call);
void tellName(Tools& tools, Call call);

/// What takes long enough to write that others should not wait for it.
[[nodiscard]] inline bool isLarge(const qbatch::BatchReport& report) noexcept { return report.failures().size() > 20; }
[[nodiscard]] inline bool isLarge(const qbatch::SearchReport&) noexcept { return true; }

/// Has `make` turn the report into the answer when the job has ended. Nobody waits meanwhile: the job tells, on the client's one thread for
/// callbacks, which leaves large answers to a worker.
template <class Report, class Make>
void answerWhenDone(const Tools& tools, qbatch::Job<Report> job, Reply reply, Make make) {
  const auto running = std::make_shared<qbatch::Job<Report>>(std::move(job));
  running->whenDone([&tools, running, reply = std::move(reply), make = std::move(make)] {
    std::optional<Report> report;
    const auto refused = guarded([&] {
      report = running->get();
      return Answer();
    });
    if (!report) return give(reply, refused);
    const auto write = [reply, make, report = *report] {
      try {
        give(reply, make(report));
      } catch (...) {
        give(reply, lostAnswer());
      }
    };
    return isLarge(*report) ? tools.post(write) : write();
  });
}

/// Refuses (413) a search that asks for more hits than one answer may have.
void requireFewHits(const Tools& tools, std::size_t queries, const qbatch::SearchOptions& options);

/// The limits that every call has, beside what the request said.
template <class Options>
Options withLimits(Options options, const Tools& tools) {
  options.deadline = tools.requestTime;
  options.stop = tools.stop;
  return options;
}

}  // namespace service
