// Lesson 0: the socket calls that the tutorial lists, as Python names them and as the kernel has them, over
// the three families: AF_INET and AF_INET6 (between machines) and AF_UNIX (within one, named by a path).
#include <cstdlib>

#include <sys/socket.h>  // tidy-allow: this lesson is the calls themselves; the others leave them to net
#include <unistd.h>

#include "lesson/program.h"
#include "net/socket_address.h"
#include "s00_sockets/datagrams.h"
#include "s00_sockets/steps.h"
#include "s00_sockets/streams.h"

using namespace sampan;
using net::SocketAddress;
using s00_sockets::note;
using s00_sockets::step;
using s00_sockets::tour_of_datagrams;
using s00_sockets::tour_of_streams;

namespace {

SocketAddress place(const net::Endpoint& endpoint) {
  const auto addresses = net::addresses_of(endpoint, true);
  if (!addresses) throw net::StreamError(addresses.error());
  return addresses->front();
}

net::Task<> show(net::EventLoop&, const lesson::Arguments&) {
  for (const auto& [family, host] : {std::pair("AF_INET", "127.0.0.1"), std::pair("AF_INET6", "::1")}) {
    lesson::say(family);
    const SocketAddress any_port = place({host, 0, ""});
    try {
      tour_of_streams(any_port);
      tour_of_datagrams(any_port, any_port);
    } catch (const net::StreamError& missing) {
      if (any_port.family() != AF_INET6) throw;  // the one that a machine may lack
      note("not on this machine", missing.what());
    }
  }
  lesson::say("AF_UNIX");
  std::string folder = "/tmp/sampan-lesson-XXXXXX";  // of mode 0700: nobody else can put anything there
  step("(a folder for the paths)", mkdtemp(folder.data()) == nullptr ? -1 : 0);
  const auto path = [&](const char* name) { return folder + "/" + name; };
  const auto tidy_up = [&] {
    for (const char* name : {"stream", "left", "right"}) unlink(path(name).c_str());
    rmdir(folder.c_str());
  };
  try {
    tour_of_streams(place({"", 0, path("stream")}));
    tour_of_datagrams(place({"", 0, path("left")}), place({"", 0, path("right")}));
  } catch (...) {
    tidy_up();
    throw;
  }
  tidy_up();
  co_return;
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about = "Makes each socket call once, over IPv4, IPv6 and a path."};
  return lesson::run_demonstration(count, arguments, usage, show);
}
