#pragma once
#include <string>
#include <vector>

#include "arguments.hpp"
#include "import_document.hpp"
#include "import_tally.hpp"
#include "qbatch/batch_client.hpp"
#include "session.hpp"
#include "told_source.hpp"

namespace cli {

/// The client for an import.
[[nodiscard]] qbatch::BatchClient openImportClient(const ImportArguments& arguments, const Context& context);

/// One import, as `store` and `replay` carry it out and tell of it. Its memory does not grow with the input.
class ImportCall {
 public:
  ImportCall(const ImportArguments& arguments, const Context& context) : arguments_(arguments), context_(context) {}

  /// With the files of `options`; the rest comes from the arguments. Throws as importPatterns does.
  void run(qbatch::BatchClient& client, ToldSource& source, qbatch::ImportOptions options);
  [[nodiscard]] const qbatch::ImportReport& report() const noexcept { return report_; }
  [[nodiscard]] const ImportTally& tally() const noexcept { return tally_; }
  /// Prints what became of it, for people with `notes` behind, a sentence each.
  [[nodiscard]] ExitCode show(const std::vector<std::string>& notes) const;

 private:
  void settled(const qbatch::ImportedBatch& batch);
  void complainOfEnd(const ToldSource& source) const;

  const ImportArguments& arguments_;
  const Context& context_;
  std::string checkpoint_;
  ImportTally tally_;
  ImportDocument document_;
  qbatch::ImportReport report_;
};

}  // namespace cli
