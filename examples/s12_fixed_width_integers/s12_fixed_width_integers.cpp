// Lesson 12: a number as bytes of a fixed number and order, and back.
#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>

#include "base/encoding.h"
#include "lesson/program.h"

using namespace sampan;

namespace {

// The lowest byte first, on every machine: computed, not copied out of memory, where a number looks as its
// machine likes. base/encoding.h has the two that the project needs; this is all of them.
template <std::integral T>
constexpr std::array<std::byte, sizeof(T)> pack(T value) {
  std::array<std::byte, sizeof(T)> bytes{};
  auto rest = static_cast<std::make_unsigned_t<T>>(value);
  for (std::size_t i = 0; i < sizeof(T); ++i)
    bytes[i] = static_cast<std::byte>(static_cast<std::uint64_t>(rest) >> (8 * i) & 0xFFU);
  return bytes;
}

template <std::integral T>
constexpr T unpack(std::span<const std::byte, sizeof(T)> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  return static_cast<T>(value);
}

// The compiler itself checks them.
static_assert(unpack<std::int32_t>(pack<std::int32_t>(183346)) == 183346);
static_assert(unpack<std::int32_t>(pack<std::int32_t>(-2)) == -2);
static_assert(unpack<std::int64_t>(pack(std::numeric_limits<std::int64_t>::min())) ==
              std::numeric_limits<std::int64_t>::min());

std::string spaced(ByteView bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += (text.empty() ? "" : " ") + encode_hex(ByteView(&byte, 1));
  return text;
}

// One width: the bytes in both orders, and the number that comes back; or why it does not fit.
template <std::integral T>
void show(const char* name, std::int64_t number) {
  if (!std::in_range<T>(number)) {
    lesson::say(std::string(name) + "  does not fit: " + std::to_string(std::numeric_limits<T>::min()) +
                " to " + std::to_string(std::numeric_limits<T>::max()));
    return;
  }
  const auto bytes = pack(static_cast<T>(number));
  auto reversed = bytes;
  std::ranges::reverse(reversed);
  lesson::say(std::string(name) + "  " + spaced(bytes) + "  back: " + std::to_string(unpack<T>(bytes)) +
              "  highest first: " + spaced(reversed));
}

net::Task<> demonstrate(net::EventLoop&, const lesson::Arguments& arguments) {
  using All = std::numeric_limits<std::int64_t>;
  const std::int64_t number = arguments.number("NUMBER", 183346, All::min(), All::max());
  lesson::say(std::to_string(number) + " as bytes, the lowest first (Python: struct.pack('<...'))");
  show<std::int8_t>("b ( 8 bits)", number);
  show<std::int16_t>("h (16 bits)", number);
  show<std::int32_t>("i (32 bits)", number);
  show<std::uint32_t>("I (32 bits)", number);
  show<std::int64_t>("q (64 bits)", number);
  co_return;
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about = "Shows a number as bytes of a fixed number and order.",
                               .words = {{"[NUMBER]", "", "which one [183346]"}}};
  return lesson::run_demonstration(count, arguments, usage, demonstrate);
}
