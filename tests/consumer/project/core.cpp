// Uses what every build of qbatch has, without the embedded engine.
#include <array>
#include <iostream>
#include <qbatch/qbatch.hpp>
#include <string>
#include <string_view>
#include <vector>

int main() {
  const auto embedder = qbatch::makeHashingEmbedder({.dimension = 64});
  const std::array<std::string_view, 1> texts{"open a file"};
  std::vector<float> values(64);
  if (!embedder->embed(texts, qbatch::EmbedRole::query, {.data = values.data(), .rows = 1, .columns = 64}, {}).empty()) return 1;
  const auto macros =
      std::to_string(QBATCH_VERSION_MAJOR) + '.' + std::to_string(QBATCH_VERSION_MINOR) + '.' + std::to_string(QBATCH_VERSION_PATCH);
  if (qbatch::version() != macros) return 1;
  try {
    qbatch::BatchClient client({});  // neither a url nor a backend
    return 1;
  } catch (const qbatch::ConfigError& error) {
    std::cout << qbatch::version() << ", and as it should: " << error.what() << '\n';
  }
  return 0;
}
