#include "net/line_input.h"

#include <fstream>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/testing/temporary_directory.h"
#include "net/deadline.h"

namespace sampan::net {
namespace {

struct Pipe {
  Pipe() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    out.reset(ends[0]);
    in.reset(ends[1]);
  }
  void put(std::string_view text) { EXPECT_EQ(write(in.get(), text.data(), text.size()), std::ssize(text)); }
  UniqueFd out;
  UniqueFd in;
};

Task<std::vector<std::string>> all_lines(LineInput& input) {
  std::vector<std::string> lines;
  while (auto line = co_await input.next()) lines.push_back(*line);
  co_return lines;
}

using Lines = std::vector<std::string>;

TEST(LineInput, GivesLinesWhateverThePiecesAndTheLastWithoutAnEnd) {
  const std::string text = "one\n\ntwo\r\n三\nlast";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EventLoop loop;
    Pipe pipe;
    LineInput input(loop, pipe.out.get());
    pipe.put(text.substr(0, cut));
    pipe.put(text.substr(cut));
    pipe.in.reset();
    EXPECT_EQ(loop.run(all_lines(input)), (Lines{"one", "", "two", "三", "last"})) << cut;
  }
}

TEST(LineInput, ReadsRegularFiles) {
  const testing::TemporaryDirectory temporary;
  const std::string name = temporary.path() + "/lines";
  const std::string longest(LineInput::longest_line, 'x');
  std::ofstream(name) << longest << "\nend\n";
  const UniqueFd file(open(name.c_str(), O_RDONLY | O_CLOEXEC));
  EventLoop loop;
  LineInput input(loop, file.get());
  EXPECT_EQ(loop.run(all_lines(input)), (Lines{longest, "end"}));
}

ErrorCode failure_of(int descriptor) {
  EventLoop loop;
  LineInput input(loop, descriptor);
  try {
    loop.run(all_lines(input));
  } catch (const StreamError& error) {
    return error.error().code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::busy;
}

TEST(LineInput, SaysWhatItCannotRead) {
  const UniqueFd folder(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_EQ(failure_of(folder.get()), ErrorCode::io_error);
  const UniqueFd endless(open("/dev/zero", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(failure_of(endless.get()), ErrorCode::invalid);
}

Task<> type_later(Pipe& pipe) {
  co_await sleep(std::chrono::milliseconds(20));
  pipe.put("typed\n");
}

TEST(LineInput, LetsTheLoopRunWhileNobodyTypes) {
  EventLoop loop;
  Pipe pipe;
  LineInput input(loop, pipe.out.get());
  // Were the loop blocked in the read, nobody would ever type.
  loop.start(type_later(pipe));
  EXPECT_EQ(loop.run(input.next()), "typed");
  loop.post([&] { input.close(); });
  EXPECT_EQ(loop.run(input.next()), std::nullopt);
  EXPECT_EQ(loop.run(input.next()), std::nullopt);
}

Task<> forget(EventLoop& loop, int descriptor) {
  LineInput input(loop, descriptor);
  co_await input.next();
}

TEST(LineInput, MayGoWithItsLoopWhileItWaits) {
  Pipe pipe;
  EventLoops loops(1);
  loops[0].start(forget(loops[0], pipe.out.get()));
  EventLoop here;
  here.run(sleep(std::chrono::milliseconds(20)));
}

}  // namespace
}  // namespace sampan::net
