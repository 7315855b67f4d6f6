#include "settings.hpp"

#include <cstdlib>

#include "embedder_spec.hpp"

namespace cli {
namespace {

/// A value and the option or variable that it came from.
struct Given {
  std::string value{}, origin{};
  [[nodiscard]] bool there() const noexcept { return !origin.empty(); }
};

Given fromEnvironment(const char* variable) {
  const auto value = environmentVariable(variable);
  return value ? Given{*value, variable} : Given{};
}

/// Of url and file: what the command line names; where it names neither, what the environment does.
struct Place {
  Given url{}, local{};
};

Place whereToWork(const GlobalArguments& arguments) {
  Place place;
  if (arguments.url) place.url = {*arguments.url, "--url"};
  if (arguments.local) place.local = {*arguments.local, "--local"};
  if (arguments.fileOnly && !place.local.there()) {
    place.local = fromEnvironment("QBATCH_LOCAL");
  } else if (!place.url.there() && !place.local.there()) {
    place = {fromEnvironment("QDRANT_URL"), fromEnvironment("QBATCH_LOCAL")};
  }
  return place;
}

void choosePlace(const GlobalArguments& arguments, Settings& settings, std::vector<std::string>& problems) {
  const Place place = whereToWork(arguments);
  if (place.url.there() && place.local.there()) {
    problems.push_back(place.url.origin + " and " + place.local.origin + " contradict each other; give one of them");
  }
  const auto onlyForServers = [&](bool given, const char* option) {
    if (given && !place.url.there()) problems.push_back(std::string(option) + ": belongs to --url; a file needs none");
  };
  onlyForServers(arguments.apiKey.has_value(), "--api-key");
  onlyForServers(arguments.caFile.has_value(), "--ca-file");
  onlyForServers(arguments.allowKeyOverPlainHttp, "--allow-key-over-plain-http");
  if (place.url.there() && place.url.value.empty()) problems.push_back(place.url.origin + ": the address is empty");
  settings.url = place.url.value;
  settings.apiKey = arguments.apiKey ? *arguments.apiKey : place.url.there() ? environmentVariable("QDRANT_API_KEY").value_or("") : "";
  settings.caFile = arguments.caFile.value_or("");
  settings.allowKeyOverPlainHttp = arguments.allowKeyOverPlainHttp;
  if (place.local.there() && place.local.value.empty()) problems.push_back(place.local.origin + ": the file's name is empty");
  settings.localByDefault = !place.url.there() && !place.local.there();
  settings.local = settings.localByDefault ? "qbatch.db" : place.local.value;
}

}  // namespace

std::optional<std::string> environmentVariable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

Settings makeSettings(const GlobalArguments& arguments, std::vector<std::string>& problems) {
  Settings settings;
  choosePlace(arguments, settings, problems);
  settings.json = arguments.json;
  settings.quiet = arguments.quiet;
  settings.allowOtherEmbedder = arguments.allowOtherEmbedder;
  if (arguments.collection) settings.collection = *arguments.collection;
  if (settings.collection.empty()) problems.push_back("--collection: the name is empty");
  Given embedder{"hashing", "--embedder"};
  if (arguments.embedder) {
    embedder.value = *arguments.embedder;
  } else if (const auto spec = environmentVariable("QBATCH_EMBEDDER")) {
    embedder = {*spec, "QBATCH_EMBEDDER"};
  }
  settings.embedder = makeEmbedder(embedder.value, embedder.origin, problems);
  return settings;
}

}  // namespace cli
