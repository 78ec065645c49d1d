// A wire between two network namespaces, for kernels without a traffic shaper: delay, loss and rate, both
// ways alike.
//
//   line NAMESPACE DEVICE NAMESPACE DEVICE DELAY_MS LOSS_PERCENT MBIT_PER_S QUEUE_KIB
//
// Makes a TAP device in each namespace (root), says "ready" and relays frames until it is ended. What the
// rate does not let through at once waits in a queue, and what does not fit in there is lost, as at a slow
// line's modem.
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;
using std::chrono::duration_cast;

struct Line {
  Clock::duration delay;
  double loss;  // 0 to 1
  double bytes_per_s;
  double queue_bytes;
};

[[noreturn]] void give_up(const std::string& what) {
  std::perror(what.c_str());
  std::exit(1);
}

int make_device(const char* space, const char* name) {
  const int home = open((std::string("/run/netns/") + space).c_str(), O_RDONLY | O_CLOEXEC);
  if (home < 0 || setns(home, CLONE_NEWNET) != 0) give_up(space);
  close(home);
  const int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ifreq request{};
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0) give_up(name);
  return device;
}

class Direction {
 public:
  Direction(int from, int to, const Line& line, unsigned seed)
      : from_(from), to_(to), line_(line), random_(seed) {}

  void take() {
    char frame[65536];
    for (;;) {
      const ssize_t got = read(from_, frame, sizeof(frame));
      if (got <= 0) return;
      const auto now = Clock::now();
      const duration<double> sending(static_cast<double>(got) / line_.bytes_per_s);
      free_at_ = std::max(free_at_, now);
      const double waiting = duration<double>(free_at_ - now).count() * line_.bytes_per_s;
      if (waiting > line_.queue_bytes) continue;
      free_at_ += duration_cast<Clock::duration>(sending);  // a lost frame has been on the line too
      if (dice_(random_) < line_.loss) continue;
      waiting_.push_back({free_at_ + line_.delay, {frame, frame + got}});
    }
  }

  void give() {
    while (!waiting_.empty() && waiting_.front().due <= Clock::now()) {
      const auto& bytes = waiting_.front().bytes;
      if (write(to_, bytes.data(), bytes.size()) < 0 && errno == EAGAIN) return;
      waiting_.pop_front();
    }
  }

  Clock::time_point next() const {
    return waiting_.empty() ? Clock::time_point::max() : waiting_.front().due;
  }

 private:
  struct Frame {
    Clock::time_point due;
    std::vector<char> bytes;
  };
  int from_;
  int to_;
  Line line_;
  std::mt19937 random_;
  std::uniform_real_distribution<double> dice_{0, 1};
  Clock::time_point free_at_{};
  std::deque<Frame> waiting_;
};

}  // namespace

int main(int count, char** words) {
  if (count != 9) {
    std::fprintf(stderr,
                 "line NAMESPACE DEVICE NAMESPACE DEVICE DELAY_MS LOSS_PERCENT MBIT_PER_S QUEUE_KIB\n");
    return 2;
  }
  const duration<double, std::milli> delay(std::atof(words[5]));
  const Line line = {duration_cast<Clock::duration>(delay), std::atof(words[6]) / 100,
                     std::atof(words[7]) * 1e6 / 8, std::atof(words[8]) * 1024};
  const int one = make_device(words[1], words[2]);
  const int other = make_device(words[3], words[4]);
  std::puts("ready");
  std::fflush(stdout);
  Direction there(one, other, line, 1);
  Direction back(other, one, line, 2);
  for (;;) {
    there.give();
    back.give();
    const auto next = std::min(there.next(), back.next());
    const auto now = Clock::now();
    auto wait = std::chrono::nanoseconds(std::chrono::milliseconds(100));
    if (next != Clock::time_point::max())
      wait = std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(next - now));
    const timespec limit = {static_cast<time_t>(wait.count() / 1'000'000'000),
                            static_cast<long>(wait.count() % 1'000'000'000)};
    pollfd ends[] = {{one, POLLIN, 0}, {other, POLLIN, 0}};
    if (ppoll(ends, 2, &limit, nullptr) <= 0) continue;
    there.take();
    back.take();
  }
}
