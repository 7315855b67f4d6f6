#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "local/point_vectors.hpp"
#include "serve/body.hpp"

namespace qbatch::serve {

using GivenVector = std::variant<std::vector<float>, local::SparseVector>;

/// A point's vectors as a request gives them, by name; the unnamed one has the empty name.
using GivenVectors = std::vector<std::pair<std::string, GivenVector>>;

// All throw RequestError. `place` is how the server names the value, as in "points[0].vector".

[[nodiscard]] GivenVector readVector(Element value, std::string_view place);
/// One unnamed vector, or an object of named ones.
[[nodiscard]] GivenVectors readVectors(Element value, std::string_view place);

/// The kind and size of each vector whose name the layout knows: what is found out before anything is written.
void checkSizes(const local::VectorLayout& layout, const GivenVectors& given);
/// The vectors as they are kept, put over `vectors`. Names that the layout lacks are found out here only, as by the server.
void place(const local::VectorLayout& layout, const GivenVectors& given, local::PointVectors& vectors);

}  // namespace qbatch::serve
