#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "arguments.hpp"

namespace cli {

/// What was written for the options of all commands, before it is turned into values.
struct Written {
  std::optional<std::string> file{}, batch{}, requestBytes{}, concurrency{}, memory{}, deadline{}, existing{}, checkpoint{}, deadLetter{},
      sample{};
  std::optional<std::string> limit{}, filter{}, minScore{}, name{}, size{}, distance{}, olderThan{}, listen{}, apiKey{};
  std::vector<std::string> words{};  // queries, ids, names or aliases
  bool oneByOne = false, noVectors = false, allowUnprotected = false;
};

/// The declared interface. Values are kept as text, so that all that is wrong can be named at once.
class Interface {
 public:
  Interface();
  Interface(const Interface&) = delete;
  Interface& operator=(const Interface&) = delete;

  /// Throws CLI::ParseError.
  void parse(int argc, const char* const* argv);
  /// What no option or command takes.
  [[nodiscard]] std::vector<std::string> extras() const;

  CLI::App app{"Batch work over a vector database: store code patterns, search them, update their usage metrics.", "qbatch"};
  CLI::App *store{}, *replay{}, *verify{}, *search{}, *update{}, *erase{};
  CLI::App *collections{}, *list{}, *create{}, *drop{}, *alias{}, *sweepMarks{}, *localServer{};
  GlobalArguments global{};
  Written written{};
  bool version = false;
  std::vector<std::string> repeated{};  ///< options that take one value and were given several times

 private:
  CLI::App* command(CLI::App& parent, const std::string& name, const std::string& description, const std::string& examples);
  void option(CLI::App* command, const std::string& name, std::optional<std::string>& value, const std::string& kind,
              const std::string& text);
  void words(CLI::App* command, const std::string& name, const std::string& text);
  void declareGlobal();
  void importOptions(CLI::App* command);
  void declareStore();
  void declareReplay();
  void declareVerify();
  void declareSearch();
  void declareUpdate();
  void declareDelete();
  void declareCollections();
  void declareLocalServer();
};

}  // namespace cli
