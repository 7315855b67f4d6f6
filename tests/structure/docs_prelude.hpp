#pragma once
// The names that C++ fragments in README and docs may use without declaring them (see docs_code.py).
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <qbatch/qbatch.hpp>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#define QBATCH_DOCS_NAMES                                                                                                               \
  qbatch::BatchClient &client, std::shared_ptr<qbatch::Embedder>&embedder, std::shared_ptr<qbatch::Backend>&backend,                    \
      std::vector<qbatch::Pattern>&patterns, std::vector<std::string>&queries, std::vector<qbatch::MetricUpdate>&updates,               \
      std::vector<qbatch::PointId>&ids, qbatch::PointId id, qbatch::StoreReport &stored, qbatch::SearchReport &found,                   \
      qbatch::UpdateReport &updated
