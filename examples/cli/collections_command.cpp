#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "json_values.hpp"
#include "messages.hpp"
#include "qbatch/collections.hpp"
#include "qbatch/error.hpp"
#include "qbatch/payload.hpp"
#include "result_text.hpp"
#include "text_table.hpp"

namespace cli {
namespace {

/// One request, waited for. A backend answers promptly once a stop is requested.
qbatch::Reply ask(qbatch::Backend& backend, const qbatch::Request& request, const Context& context) {
  std::promise<qbatch::Reply> promise;
  auto reply = promise.get_future();
  backend.run(request, {.stop = context.stop}, [&promise](qbatch::Reply answer) { promise.set_value(std::move(answer)); });
  return reply.get();
}

qbatch::Collections openCollections(const Context& context, bool create) {
  return qbatch::Collections({.backend = openBackend(context.settings, create)});
}

/// Why an action was not carried out; nullptr where it was.
const qbatch::Error* errorOf(const qbatch::BatchReport& report, std::size_t index) {
  const auto failures = report.failures();
  const auto found = std::find_if(failures.begin(), failures.end(), [index](const auto& failure) { return failure.index == index; });
  return found != failures.end() ? &found->error : nullptr;
}

/// What there is to say of an action beside its usual outcome.
struct Further {
  std::optional<qbatch::Outcome> outcome{};
  std::optional<std::size_t> marks{};  ///< that were removed
};

/// What became of a change that was not carried out. One that was refused has failed here, whoever is at fault.
Further furtherOf(const qbatch::BatchReport& report, std::size_t index) {
  const auto outcome = report.outcome(index);
  return {.outcome = outcome == qbatch::Outcome::rejected ? qbatch::Outcome::failed : outcome};
}

/// What became of the collections that a command names, one action each.
class Actions {
 public:
  explicit Actions(const Context& context) : context_(context), began_(std::chrono::steady_clock::now()) {}

  void done(const std::string& name, const std::string& sentence, const Further& further = {}) {
    text_ += printable(sentence) + "\n";
    result(name, further.outcome.value_or(qbatch::Outcome::done), "", further);
    ++done_;
  }
  void failed(const std::string& name, const qbatch::Error& error, const Further& further = {}) {
    const std::string why = wordsOf(error);
    const bool cancelled = error.code() == qbatch::Errc::cancelled;
    complain(name + ": " + why);
    result(name, further.outcome.value_or(cancelled ? qbatch::Outcome::unsent : qbatch::Outcome::failed), why, further);
    if (cancelled || further.marks.value_or(0) > 0) inPart_ = true;
    if (error.code() == qbatch::Errc::collectionMismatch || error.code() == qbatch::Errc::invalidItem) atFault_ = true;
  }
  /// Prints all, and gives the exit code.
  ExitCode finish() {
    if (context_.settings.json) {
      qbatch::Payload document{{"status", done_ > 0 || total_ == 0 ? "success" : "error"}};
      document.setJson("summary", qbatch::Payload().set("total", total_).set("successful", done_).set("failed", total_ - done_).json());
      document.setJson("results", "[" + results_ + "]").setJson("stats", stats());
      print(std::string(document.json()) + "\n");
    } else {
      print(text_);
    }
    if (done_ == total_) return allDone;
    return done_ > 0 || atFault_ || inPart_ ? someNotDone : nothingDone;
  }

 private:
  void result(const std::string& name, qbatch::Outcome outcome, const std::string& why, const Further& further) {
    ++total_;
    qbatch::Payload entry{{"collection", name}, {"outcome", std::string(toString(outcome))}};
    if (further.marks) entry.set("marks", *further.marks);
    if (!why.empty()) entry.set("error", std::string_view(why));
    results_ += (results_.empty() ? "" : ",") + std::string(entry.json());
  }
  [[nodiscard]] std::string stats() const {
    const std::chrono::duration<double> total = std::chrono::steady_clock::now() - began_;
    return std::string(qbatch::Payload().set("items", total_).setJson("seconds", qbatch::Payload{{"total", total.count()}}.json()).json());
  }

  const Context& context_;
  std::chrono::steady_clock::time_point began_;
  std::string text_, results_;
  std::size_t total_ = 0, done_ = 0;
  bool atFault_ = false, inPart_ = false;
};

std::string asJson(const qbatch::CollectionInfo& info) {
  qbatch::Payload entry{{"name", info.name}};
  entry.set("points", info.points).set("size", info.dimension).set("distance", toString(info.distance));
  if (!info.vectorName.empty()) entry.set("vector_name", std::string_view(info.vectorName));
  if (!info.embedder.empty()) entry.set("embedder", std::string_view(info.embedder));
  return std::string(entry.setJson("aliases", jsonStrings(info.aliases)).json());
}

std::string asTable(const std::vector<qbatch::CollectionInfo>& collections) {
  if (collections.empty()) return "no collections\n";
  using Align = TextTable::Align;
  TextTable table({Align::left, Align::right, Align::right, Align::left, Align::left, Align::left});
  table.row({"name", "points", "size", "distance", "embedder", "aliases"});
  for (const auto& info : collections) {
    std::string aliases;
    for (const auto& alias : info.aliases) aliases += (aliases.empty() ? "" : ", ") + alias;
    table.row(
        {info.name, grouped(info.points), std::to_string(info.dimension), std::string(toString(info.distance)), info.embedder, aliases});
  }
  return table.text();
}

}  // namespace

ExitCode runCommand(const ListArguments&, const Context& context) {
  const auto collections = openCollections(context, true).list({.stop = context.stop});
  if (!context.settings.json) {
    print(asTable(collections));
    return allDone;
  }
  std::string list;
  for (const auto& info : collections) list += (list.empty() ? "" : ",") + asJson(info);
  print("{\"status\":\"success\",\"collections\":[" + list + "],\"stats\":{\"items\":" + std::to_string(collections.size()) + "}}\n");
  return allDone;
}

ExitCode runCommand(const CreateArguments& arguments, const Context& context) {
  const qbatch::CollectionInfo info{.name = arguments.name, .dimension = arguments.size, .distance = arguments.distance};
  Actions actions(context);
  const auto report = openCollections(context, true).create(std::vector{info}, {.stop = context.stop});
  if (const auto* error = errorOf(report, 0)) {
    actions.failed(arguments.name, *error, furtherOf(report, 0));
  } else {
    const std::string kind = " (" + std::to_string(arguments.size) + " floats, " + std::string(toString(arguments.distance)) + ")";
    actions.done(arguments.name,
                 report.changed(0) ? "created " + arguments.name + kind : arguments.name + " was there already, as asked for" + kind);
  }
  return actions.finish();
}

ExitCode runCommand(const DropArguments& arguments, const Context& context) {
  Actions actions(context);
  const auto report = openCollections(context, false).drop(arguments.names, {.stop = context.stop});
  for (std::size_t i = 0; i < arguments.names.size(); ++i) {
    const auto& name = arguments.names[i];
    if (const auto* error = errorOf(report, i)) {
      actions.failed(name, *error, furtherOf(report, i));
    } else if (!report.changed(i)) {
      actions.failed(
          name, {qbatch::Errc::collectionNotFound, qbatch::Origin::caller, "no such collection; collections list shows those there are"});
    } else {
      actions.done(name, "deleted " + name);
    }
  }
  return actions.finish();
}

ExitCode runCommand(const AliasArguments& arguments, const Context& context) {
  Actions actions(context);
  std::vector<qbatch::SetAlias> aliases;
  for (const auto& [alias, collection] : arguments.pairs) aliases.push_back({alias, collection});
  const auto report = openCollections(context, false).alias(aliases, {.stop = context.stop});
  for (std::size_t i = 0; i < aliases.size(); ++i) {
    const auto& [alias, collection] = aliases[i];
    if (const auto* error = errorOf(report, i)) {
      actions.failed(alias + "=" + collection, *error, furtherOf(report, i));
    } else {
      actions.done(alias, alias + " stands for " + collection);
    }
  }
  return actions.finish();
}

ExitCode runCommand(const SweepMarksArguments& arguments, const Context& context) {
  const auto backend = openBackend(context.settings, false);
  Actions actions(context);
  for (const auto& name : arguments.names.empty() ? std::vector{context.settings.collection} : arguments.names) {
    const auto reply = ask(*backend, qbatch::SweepMarks{name, arguments.olderThan}, context);
    const auto* marks = std::get_if<std::size_t>(&reply.answer);
    Further further{.marks = marks != nullptr ? *marks : 0};
    const auto kind = reply.verdict.kind;
    if (kind == qbatch::Verdict::Kind::completed || kind == qbatch::Verdict::Kind::acknowledged) {
      if (kind == qbatch::Verdict::Kind::acknowledged) further.outcome = qbatch::Outcome::accepted;
      actions.done(name, name + ": " + grouped(*further.marks) + (*further.marks == 1 ? " mark removed" : " marks removed"), further);
    } else {
      // Some of the marks may be gone.
      if (reply.verdict.maybeApplied) further.outcome = qbatch::Outcome::unknown;
      actions.failed(name, reply.verdict.error, further);
    }
  }
  return actions.finish();
}

}  // namespace cli
