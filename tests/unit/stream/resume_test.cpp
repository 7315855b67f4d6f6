#include "stream/resume.hpp"

#include "stream/item_hash.hpp"
#include "support/catch.hpp"

using namespace qbatch::stream;
using Item = Resume::Item;

namespace {

std::uint64_t hashOf(std::size_t index) { return 1000 + index; }

SettledRange rangeOf(std::size_t first, std::size_t last, std::size_t letters = 0) {
  SettledRange range{first, last, 0, letters};
  for (auto index = first; index < last; ++index) range.digest += itemDigest(index, hashOf(index));
  return range;
}

}  // namespace

TEST_CASE("a resume passes over what is settled, and counts its letters") {
  Resume resume({rangeOf(0, 3, 1), rangeOf(5, 6, 2)}, itemDigest(0, hashOf(0)));
  CHECK(resume.anyStored());
  std::vector<std::size_t> toDo;
  for (std::size_t index = 0; index < 8; ++index)
    if (resume.next(index, hashOf(index)) == Item::toDo) toDo.push_back(index);
  CHECK(toDo == std::vector<std::size_t>{3, 4, 6, 7});
  CHECK(resume.settled() == 4);
  CHECK(resume.letters() == 3);
  CHECK(resume.endsAt(8));
}

TEST_CASE("where all that is settled became letters, nothing is stored") {
  CHECK_FALSE(Resume({rangeOf(0, 2, 2)}, itemDigest(0, hashOf(0))).anyStored());
  CHECK(Resume({rangeOf(0, 2, 2), rangeOf(5, 7, 1)}, itemDigest(0, hashOf(0))).anyStored());
}

TEST_CASE("without a ledger everything is to do") {
  Resume resume;
  CHECK_FALSE(resume.anyStored());
  CHECK(resume.next(0, 1) == Item::toDo);
  CHECK(resume.endsAt(0));
}

TEST_CASE("another first item is noticed at once, another item in a settled range at the range's end") {
  Resume first({rangeOf(4, 6)}, itemDigest(0, hashOf(0)));
  CHECK(first.next(0, hashOf(0) + 1) == Item::otherInput);

  for (std::size_t changed = 2; changed < 5; ++changed) {
    Resume resume({rangeOf(2, 5)}, itemDigest(0, hashOf(0)));
    std::vector<Item> items;
    for (std::size_t index = 0; index < 5; ++index) items.push_back(resume.next(index, hashOf(index) + (index == changed ? 1 : 0)));
    CHECK(items == std::vector<Item>{Item::toDo, Item::toDo, Item::settled, Item::settled, Item::otherInput});
    CHECK(resume.differsFrom() == 2);
  }
}

TEST_CASE("items that changed places are another input") {
  Resume resume({rangeOf(0, 2)}, std::nullopt);
  CHECK(resume.next(0, hashOf(1)) == Item::settled);
  CHECK(resume.next(1, hashOf(0)) == Item::otherInput);
}

TEST_CASE("an input that ends before the ledger does is another one, one that has grown is not") {
  Resume resume({rangeOf(0, 3)}, std::nullopt);
  CHECK(resume.next(0, hashOf(0)) == Item::settled);
  CHECK_FALSE(resume.endsAt(1));
  CHECK(resume.endsAt(3));
  CHECK(resume.endsAt(4));
}
