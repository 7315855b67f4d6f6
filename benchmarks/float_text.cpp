// What writing a float costs, beside std::to_chars.
//
//   float_text [SEED]
//
// Vectors of 384 floats as embedders give them (normal distribution, length 1) are written as JSON arrays: by qbatch, many together
// and one by one, and by std::to_chars with the same commas. Rounds of all alternate; the medians are printed, and what a point costs in a
// body of 100. Exit status: 0, or 2 where SEED is no number.
#include "codec/float_text.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "codec/encode_points.hpp"

namespace {

constexpr std::size_t dimension = 384, points = 2000, pointsInBody = 100;
constexpr int rounds = 31;

std::vector<float> makeVectors(std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(dimension * points);
  for (float& value : values) value = normal(engine);
  for (std::size_t i = 0; i < values.size(); i += dimension) {
    const std::span<float> vector(values.data() + i, dimension);
    double square = 0;
    for (const float value : vector) square += static_cast<double>(value) * static_cast<double>(value);
    for (float& value : vector) value = static_cast<float>(static_cast<double>(value) / std::sqrt(square));
  }
  return values;
}

template <class Action>
double nanoseconds(Action action) {
  const auto begin = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + rounds / 2, values.end());
  return values[rounds / 2];
}

char* writeStandard(char* at, float value) { return std::to_chars(at, at + qbatch::codec::longestFloat, value).ptr; }

template <class Write>
std::size_t writeEach(const std::vector<float>& values, std::vector<char>& text, Write write) {
  char* at = text.data();
  for (const float value : values) {
    at = write(at, value);
    *at++ = ',';
  }
  return static_cast<std::size_t>(at - text.data());
}

std::vector<qbatch::PointView> makePoints(const std::vector<float>& values) {
  std::vector<qbatch::PointView> made(points);
  for (std::size_t i = 0; i < points; ++i) {
    made[i].id = qbatch::PointId::forContent("point " + std::to_string(i), "", "");
    made[i].vector = {values.data() + i * dimension, dimension};
  }
  return made;
}

std::size_t writeBodies(const std::vector<qbatch::PointView>& all, std::string& body) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < all.size(); i += pointsInBody) {
    body.clear();
    qbatch::codec::appendUpsert(body, {.points = {all.data() + i, pointsInBody}});
    bytes += body.size();
  }
  return bytes;
}

}  // namespace

int main(int argumentCount, char** arguments) {
  std::uint64_t seed = 20250115;
  if (argumentCount > 1) {
    const char* const end = arguments[1] + std::strlen(arguments[1]);
    if (std::from_chars(arguments[1], end, seed).ptr != end) {
      std::fprintf(stderr, "float_text: %s is no seed; give a number\n", arguments[1]);
      return 2;
    }
  }
  const auto values = makeVectors(seed);
  const auto all = makePoints(values);
  std::vector<char> text(values.size() * (qbatch::codec::longestFloat + 1));
  std::string body;
  std::vector<double> together, alone, standard, bodies;
  std::size_t bytes = 0, standardBytes = 0, bodyBytes = 0;
  for (int round = 0; round < rounds; ++round) {
    together.push_back(
        nanoseconds([&] { bytes = static_cast<std::size_t>(qbatch::codec::writeFloats(text.data(), values) - text.data()); }));
    alone.push_back(nanoseconds([&] { bytes = writeEach(values, text, qbatch::codec::writeFloat); }));
    standard.push_back(nanoseconds([&] { standardBytes = writeEach(values, text, writeStandard); }));
    bodies.push_back(nanoseconds([&] { bodyBytes = writeBodies(all, body); }));
  }
  const auto floats = static_cast<double>(values.size()), count = static_cast<double>(points);
  std::printf("%zu floats, seed %llu, medians of %d rounds\n", values.size(), static_cast<unsigned long long>(seed), rounds);
  std::printf("writeFloats     %6.2f ns a float, %.2f bytes\n", median(together) / floats, static_cast<double>(bytes) / floats);
  std::printf("writeFloat      %6.2f ns a float\n", median(alone) / floats);
  std::printf("std::to_chars   %6.2f ns a float, %.2f bytes\n", median(standard) / floats, static_cast<double>(standardBytes) / floats);
  std::printf("appendUpsert    %6.0f ns a point of %zu floats, %.0f bytes, %zu points a body\n", median(bodies) / count, dimension,
              static_cast<double>(bodyBytes) / count, pointsInBody);
}
