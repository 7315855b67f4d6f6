#include "metrics/keep_metrics.hpp"

#include "qbatch/error.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using metrics::keepMetrics;

namespace {
const FieldNames names;
}

TEST_CASE("storing again keeps metrics, marks and the counters that marks name") {
  CHECK(keepMetrics(
            R"({"a":1,"usage_count":7,"success_rate":0.5,"last_used":"x","views":3,"_qbatch_counter_views":true,"_qbatch_W":9,"old":1})",
            R"({"a":2,"usage_count":0,"success_rate":0.9,"views":0})",
            names) == R"({"a":2,"usage_count":7,"success_rate":0.5,"views":3,"last_used":"x","_qbatch_counter_views":true,"_qbatch_W":9})");
}

TEST_CASE("where nothing is stored, the new metrics count") {
  CHECK(keepMetrics(R"({"success_rate":null})", R"({"usage_count":0,"success_rate":0.9})", names) ==
        R"({"usage_count":0,"success_rate":0.9})");
  CHECK(keepMetrics("{}", "{}", names) == "{}");
}

TEST_CASE("a counter whose mark is not true is no counter") {
  CHECK(keepMetrics(R"({"views":3,"_qbatch_counter_views":false})", R"({"views":0})", names) ==
        R"({"views":0,"_qbatch_counter_views":false})");
}

TEST_CASE("mapped names are kept under their names") {
  FieldNames mapped;
  mapped.usageCount = "uses";
  CHECK(keepMetrics(R"({"uses":4,"usage_count":5})", R"({"uses":0,"usage_count":0})", mapped) == R"({"uses":4,"usage_count":0})");
}

TEST_CASE("what is no object is refused") {
  CHECK_THROWS_AS(keepMetrics("[]", "{}", names), ParseError);
  CHECK_THROWS_AS(keepMetrics("{}", "{", names), ParseError);
}
