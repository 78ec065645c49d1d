// Lesson 1, the client: says one thing, prints the answer.
#include "base/text.h"
#include "lesson/program.h"
#include "net/buffered_reader.h"

using namespace sampan;

namespace {

net::Task<> talk(net::EventLoop&, const lesson::Arguments& arguments) {
  const std::string word = arguments.word("TEXT");
  const std::string text = word.empty() ? "hello" : word;
  const auto stream = co_await net::connect(arguments.endpoint(), std::chrono::seconds(10));
  stream->set_timeout(std::chrono::seconds(10));
  co_await stream->write(as_bytes(text));

  // The answer is as long as the question: the one thing that is known about it, and enough. A single read
  // might give less of it.
  std::string answer(text.size(), '\0');
  net::BufferedReader reader(*stream);
  co_await reader.read_exactly(std::as_writable_bytes(std::span(answer)));
  lesson::say(printable(answer));
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about = "Sends one message and prints the answer.",
                               .words = {{"[TEXT]", "", "what to say [hello]"}}};
  return lesson::run_client(count, arguments, usage, talk);
}
