// The public names and signatures that users rely on, fixed at compile time: a change here breaks somebody's program.
#include <type_traits>

#include "qbatch/qbatch.hpp"
#include "support/catch.hpp"

namespace {

using namespace qbatch;

template <class T>
constexpr bool isValue = std::is_copy_constructible_v<T>&& std::is_nothrow_move_constructible_v<T>;

static_assert(isValue<Payload> && isValue<PointId> && isValue<Filter> && isValue<Condition> && isValue<Error>);
static_assert(isValue<BatchReport> && isValue<StoreReport> && isValue<SearchReport> && isValue<UpdateReport> && isValue<DeleteReport> &&
              isValue<ReadReport> && isValue<CollectionsReport> && isValue<Collections>);
static_assert(std::is_default_constructible_v<Payload> && !std::is_default_constructible_v<PointId>);
static_assert(std::is_convertible_v<std::uint64_t, PointId>);
static_assert(sizeof(PointId) == 17);
static_assert(std::is_base_of_v<std::invalid_argument, ConfigError> && std::is_base_of_v<std::invalid_argument, ParseError>);
static_assert(std::is_base_of_v<std::runtime_error, RequestError> && std::is_base_of_v<std::runtime_error, InputError>);
static_assert(std::is_aggregate_v<Pattern> && std::is_aggregate_v<Query> && std::is_aggregate_v<Hit> && std::is_aggregate_v<MetricUpdate>);
static_assert(std::is_aggregate_v<ClientOptions> && std::is_aggregate_v<StoreOptions> && std::is_aggregate_v<SearchOptions> &&
              std::is_aggregate_v<UpdateOptions> && std::is_aggregate_v<DeleteOptions> && std::is_aggregate_v<ReadOptions> &&
              std::is_aggregate_v<CollectionsOptions>);
static_assert(std::is_aggregate_v<ItemFailure> && std::is_aggregate_v<ItemNote> && std::is_aggregate_v<Stats> &&
              std::is_aggregate_v<Progress>);
static_assert(std::is_move_constructible_v<BatchClient> && std::is_move_assignable_v<BatchClient> &&
              !std::is_copy_constructible_v<BatchClient>);
static_assert(std::is_move_constructible_v<Job<StoreReport>> && !std::is_copy_constructible_v<Job<StoreReport>>);
static_assert(!std::is_convertible_v<ClientOptions, BatchClient> && !std::is_convertible_v<ClientOptions, Collections>);
static_assert(std::is_same_v<decltype(&Job<SearchReport>::whenDone), void (Job<SearchReport>::*)(std::function<void()>)>);
static_assert(std::is_same_v<CollectionChange, std::variant<CreateCollection, DropCollection, SetAlias>>);
static_assert(std::is_nothrow_move_constructible_v<LineReader> && std::is_nothrow_move_assignable_v<LineReader> &&
              !std::is_copy_constructible_v<LineReader>);
static_assert(std::is_same_v<decltype(&LineReader::next), bool (LineReader::*)(std::stop_token)>);
static_assert(std::is_same_v<decltype(&LineReader::text), std::string& (LineReader::*)() noexcept>);
static_assert(std::is_same_v<decltype(&parsePattern), Pattern (*)(std::string_view)>);
static_assert(std::is_same_v<decltype(&parseMetricUpdate), MetricUpdate (*)(std::string_view)>);
static_assert(std::is_same_v<decltype(&parseQuery), Query (*)(std::string_view)>);
static_assert(std::is_abstract_v<PatternSource> && std::has_virtual_destructor_v<PatternSource>);

static_assert(std::is_same_v<decltype(&BatchReport::size), std::size_t (BatchReport::*)() const noexcept>);
static_assert(std::is_same_v<decltype(&BatchReport::ok), bool (BatchReport::*)() const noexcept>);
static_assert(std::is_same_v<decltype(&BatchReport::count), std::size_t (BatchReport::*)(Outcome) const noexcept>);
static_assert(std::is_same_v<decltype(&BatchReport::outcome), Outcome (BatchReport::*)(std::size_t) const>);
static_assert(std::is_same_v<decltype(&BatchReport::failures), std::span<const ItemFailure> (BatchReport::*)() const noexcept>);
static_assert(std::is_same_v<decltype(&BatchReport::notes), std::span<const ItemNote> (BatchReport::*)() const noexcept>);
static_assert(std::is_same_v<decltype(&BatchReport::stats), const Stats& (BatchReport::*)() const noexcept>);
static_assert(std::is_same_v<decltype(&StoreReport::id), PointId (StoreReport::*)(std::size_t) const>);
static_assert(std::is_same_v<decltype(&SearchReport::hits), std::span<const Hit> (SearchReport::*)(std::size_t) const>);
static_assert(std::is_same_v<decltype(&DeleteReport::id), PointId (DeleteReport::*)(std::size_t) const>);
static_assert(std::is_same_v<decltype(&ReadReport::pattern), const Hit* (ReadReport::*)(std::size_t) const>);
static_assert(std::is_same_v<decltype(&CollectionsReport::changed), bool (CollectionsReport::*)(std::size_t) const>);
static_assert(std::is_same_v<decltype(&Error::code), std::error_code (Error::*)() const noexcept>);
static_assert(std::is_same_v<decltype(&Error::message), const std::string& (Error::*)() const noexcept>);
static_assert(std::is_same_v<decltype(&Error::httpStatus), int (Error::*)() const noexcept>);

static_assert(
    std::is_same_v<decltype(&BatchClient::storePatterns), StoreReport (BatchClient::*)(std::span<const Pattern>, const StoreOptions&)>);
static_assert(std::is_same_v<decltype(&BatchClient::updateMetrics),
                             UpdateReport (BatchClient::*)(std::span<const MetricUpdate>, const UpdateOptions&)>);
static_assert(std::is_same_v<decltype(&BatchClient::getPatterns),
                             std::vector<std::optional<Hit>> (BatchClient::*)(std::span<const PointId>, const ReadOptions&)>);
static_assert(std::is_same_v<decltype(&BatchClient::countPatterns), std::size_t (BatchClient::*)(const Filter&, const ReadOptions&)>);
static_assert(
    std::is_same_v<decltype(&BatchClient::storePatternsAsync), Job<StoreReport> (BatchClient::*)(std::vector<Pattern>, StoreOptions)>);
static_assert(
    std::is_same_v<decltype(&BatchClient::getPatternsAsync), Job<ReadReport> (BatchClient::*)(std::vector<PointId>, ReadOptions)>);
static_assert(std::is_same_v<decltype(&BatchClient::collections), Collections (BatchClient::*)() const>);
static_assert(std::is_same_v<decltype(&Collections::apply),
                             CollectionsReport (Collections::*)(std::span<const CollectionChange>, const CollectionsOptions&)>);
static_assert(std::is_same_v<decltype(&Collections::list), std::vector<CollectionInfo> (Collections::*)(const CollectionsOptions&)>);

}  // namespace

TEST_CASE("the options have the documented defaults") {
  const ClientOptions client;
  CHECK(client.collection == "patterns");
  CHECK(client.createCollection);
  CHECK(client.timeout == std::chrono::minutes(1));
  CHECK(client.limits.store == 1000);
  CHECK(client.limits.search == 100);
  CHECK(client.limits.update == 500);
  CHECK(client.flow.maxInFlight == 8);
  CHECK(client.flow.maxBufferedBytes == 256u << 20);
  CHECK(client.tls.verify);
  const SearchOptions search;
  CHECK(search.limit == 10);
  CHECK(search.offset == 0);
  CHECK(search.filter.empty());
  CHECK(StoreOptions{}.existing == Existing::keepMetrics);
  CHECK(StoreOptions{}.durability == Durability::applied);
  CHECK(HashingEmbedderOptions{}.dimension == 1024);
}

TEST_CASE("payloads are written as one would expect") {
  const Payload payload{{"text", "x"}, {"number", 3}, {"real", 0.5}, {"yes", true}, {"none", nullptr}, {"own", std::string("y")}};
  CHECK(payload.json() == R"({"text":"x","number":3,"real":0.5,"yes":true,"none":null,"own":"y"})");
  Payload built;
  built.set("a", 1).set("b", 2u).set("c", "text").set("d", std::string_view("view")).set("e", false).set("f", 1.5).setJson("g", "[1,2]");
  CHECK(built.json() == R"({"a":1,"b":2,"c":"text","d":"view","e":false,"f":1.5,"g":[1,2]})");
}

#ifdef QBATCH_WITH_LOCAL
TEST_CASE("a call is written with designated initialisers and plain containers") {
  BatchClient client({.collection = "mine",
                      .embedder = makeFunctionEmbedder(2,
                                                       [](std::string_view text) {
                                                         return std::vector<float>{1.0f, static_cast<float>(text.size())};
                                                       }),
                      .backend = makeLocalBackend(":memory:"),
                      .threads = 2});
  const std::vector<Pattern> patterns = {{.description = "a"}, {.description = "bb", .metadata = {{"k", "v"}}, .id = PointId(7)}};
  CHECK(client.storePatterns(patterns, {.chunk = {.maxItems = 1}}).ok());
  CHECK(client.searchPatterns(std::vector<std::string>{"cc"}, {.limit = 1, .filter = Filter().must(match("k", "v"))}).hits(0).size() == 1);
  CHECK(client.updateMetrics(std::vector<MetricUpdate>{{.id = 7, .incrementUsage = 1}}).ok());
  CHECK(client.getPatterns(std::vector<PointId>{7}).at(0)->usageCount == 1);
  CHECK(client.deletePatterns(std::vector<PointId>{7}).ok());
  CHECK(client.countPatterns() == 1);
}
#endif
