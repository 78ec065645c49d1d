// Any question of the tutorial's kind: the answer is text, short, and not much longer than the question.
#include <cstdlib>

#include "base/text.h"
#include "wire/time/format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sampan;
  const std::string_view question(reinterpret_cast<const char*>(data), size);
  std::tm local{};
  local.tm_year = 126;
  local.tm_mday = 25;
  local.tm_zone = "UTC";
  const std::string answer = wire::time::answer_time(question, local);
  if (answer.size() > 512 || answer.size() + 28 > 3 * (size + 28) || !is_utf8(answer)) std::abort();
  return 0;
}
