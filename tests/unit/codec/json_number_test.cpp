#include "codec/json_number.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "support/catch.hpp"

using qbatch::codec::doubleFromText;

TEST_CASE("a number's text becomes the nearest double") {
  CHECK(doubleFromText("0") == 0.0);
  CHECK(doubleFromText("-12.5e1") == -125.0);
  CHECK(doubleFromText("0.1") == 0.1);
  CHECK(doubleFromText("1E+2") == 100.0);
  CHECK(doubleFromText("9007199254740993") == 9007199254740992.0);
  CHECK(doubleFromText("1.7976931348623157e308") == std::numeric_limits<double>::max());
  CHECK(doubleFromText("5e-324") == std::numeric_limits<double>::denorm_min());
  CHECK(std::signbit(doubleFromText("-0")));
}

TEST_CASE("what is beyond double range is infinite, what is too small is zero") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(doubleFromText("1e309") == infinity);
  CHECK(doubleFromText("-1e309") == -infinity);
  CHECK(doubleFromText("1" + std::string(400, '0')) == infinity);
  CHECK(doubleFromText("1" + std::string(400, '0') + "e-400") == 1.0);
  CHECK(doubleFromText("0." + std::string(400, '0') + "1") == 0.0);
  CHECK(doubleFromText("0." + std::string(400, '0') + "1e401") == 1.0);
  CHECK(doubleFromText("0." + std::string(400, '0') + "1e800") == infinity);
  CHECK(doubleFromText("1e-400") == 0.0);
  CHECK(std::signbit(doubleFromText("-1e-400")));
  CHECK(doubleFromText("0e999") == 0.0);
  CHECK(doubleFromText("0.000e99999999999999999999") == 0.0);
  CHECK(doubleFromText("1e99999999999999999999") == infinity);
  CHECK(doubleFromText("1e+99999999999999999999") == infinity);
  CHECK(doubleFromText("1e-99999999999999999999") == 0.0);
}

TEST_CASE("whole numbers within 64 bits, signed or unsigned") {
  using qbatch::codec::fits64Bits;
  for (const auto* number : {"0", "-0", "123456789012345678", "9223372036854775808", "18446744073709551615", "-9223372036854775808"})
    CHECK(fits64Bits(number));
  for (const auto* number : {"18446744073709551616", "-9223372036854775809", "100000000000000000000"}) CHECK_FALSE(fits64Bits(number));
}
