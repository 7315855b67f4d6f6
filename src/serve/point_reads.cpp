#include "serve/point_reads.hpp"

#include <fmt/core.h>

#include <set>
#include <utility>

#include "local/body_errors.hpp"
#include "local/scan.hpp"
#include "serve/facet.hpp"
#include "serve/ordered_points.hpp"
#include "serve/payload_schema.hpp"
#include "serve/selection.hpp"

namespace qbatch::serve {
namespace {

struct Page {
  std::string list{}, next = "null";
};

std::string shown(const Page& page) { return "{\"points\":[" + page.list + "],\"next_page_offset\":" + page.next + "}"; }

Page pageById(const local::Collection& points, const local::FilterTree& filter, const Selection& selection,
              const std::optional<PointId>& offset, std::size_t limit) {
  Page page;
  std::size_t count = 0;
  local::scan(points, filter, offset, local::Interrupt(), [&](std::size_t row) {
    if (count++ == limit) {
      page.next.clear();
      appendId(page.next, points.id(row));
      return false;
    }
    if (!page.list.empty()) page.list += ',';
    selection.show(page.list, points, row);
    return true;
  });
  return page;
}

Page pageByValue(const local::CollectionEntry& entry, const local::OrderBy& order, const local::FilterTree& filter,
                 const Selection& selection, std::size_t limit) {
  Page page;
  for (const OrderedPoint& point : orderedPoints(entry, order, filter, 0, limit)) {
    if (!page.list.empty()) page.list += ',';
    selection.show(page.list, entry.shelf->points, point.row, ",\"order_value\":" + point.valueText);
  }
  return page;
}

}  // namespace

local::FilterTree::Context filterContext(const local::Names& names, const std::string& collection, std::string place) {
  local::FilterTree::Context context;
  context.place = std::move(place);
  if (const local::CollectionEntry* entry = names.find(collection)) context.textFields = textFields(*entry->config);
  return context;
}

local::FilterTree filterOf(Object body, local::FilterTree::Context context) {
  const auto filter = member(body, "filter");
  return filter ? local::FilterTree::parse(*filter, context) : local::FilterTree();
}

std::string retrievePoints(const local::Names& names, const std::string& collection, Element value) {
  const Object body = objectOf(value);
  const auto ids = idsOf(needed(body, "ids"));
  const Selection selection(body, true);
  const auto shelf = names.at(collection).shelf;
  const auto lock = shelf->lock.read();
  selection.check(shelf->points.layout());
  std::set<PointId> seen;
  std::string list;
  for (const PointId& id : ids) {
    const auto row = shelf->points.find(id);
    if (!row || !seen.insert(id).second) continue;
    if (!list.empty()) list += ',';
    selection.show(list, shelf->points, *row);
  }
  return "[" + list + "]";
}

std::string retrievePoint(const local::Names& names, const std::string& collection, const std::string& text) {
  std::optional<PointId> id;
  try {
    id = PointId::parse(text);
  } catch (const ParseError&) {
    throw local::wrongInput(fmt::format("Can not recognize \"{}\" as point id", text));
  }
  const auto shelf = names.at(collection).shelf;
  const auto lock = shelf->lock.read();
  const auto row = shelf->points.find(*id);
  if (!row) throw local::refusal(404, fmt::format("Not found: Point with id {} does not exists!", text));
  std::string out;
  Selection().show(out, shelf->points, *row);
  return out;
}

std::string scrollPoints(const local::Names& names, const std::string& collection, Element value) {
  const Object body = objectOf(value);
  const std::size_t limit = limitOf(body, "scroll_request");
  const auto filter = filterOf(body, filterContext(names, collection, "scroll_request.filter"));
  const Selection selection(body, true);
  const auto offset = member(body, "offset"), wish = member(body, "order_by");
  const auto from = offset ? std::optional(idOf(*offset)) : std::nullopt;
  const auto order = wish ? std::optional(local::parseOrderBy(*wish)) : std::nullopt;
  const local::CollectionEntry& entry = names.at(collection);
  if (order && from) throw local::offsetWithOrderBy();
  const auto lock = entry.shelf->lock.read();
  selection.check(entry.shelf->points.layout());
  return shown(order ? pageByValue(entry, *order, filter, selection, limit)
                     : pageById(entry.shelf->points, filter, selection, from, limit));
}

std::string countPoints(const local::Names& names, const std::string& collection, Element value) {
  const Object body = objectOf(value);
  const auto filter = filterOf(body, filterContext(names, collection, "count_request.filter"));
  if (const auto exact = member(body, "exact")) static_cast<void>(boolOf(*exact));
  const auto shelf = names.at(collection).shelf;
  const auto lock = shelf->lock.read();
  std::size_t count = filter.empty() ? shelf->points.size() : 0;
  if (!filter.empty()) {
    local::scan(shelf->points, filter, std::nullopt, local::Interrupt(), [&](std::size_t) {
      ++count;
      return true;
    });
  }
  return fmt::format(R"({{"count":{}}})", count);
}

std::string facetPoints(const local::Names& names, const std::string& collection, Element value) {
  const Object body = objectOf(value);
  const std::size_t limit = limitOf(body, "facet_request");
  const auto key = pathOf(needed(body, "key"));
  const auto filter = filterOf(body, filterContext(names, collection, "facet_request.filter"));
  const local::CollectionEntry& entry = names.at(collection);
  const auto lock = entry.shelf->lock.read();
  return facetCounts(entry, key, filter, limit);
}

}  // namespace qbatch::serve
