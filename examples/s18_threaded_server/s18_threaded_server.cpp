// Lesson 18: many clients talk, one person answers. No thread for each: a coroutine for each, all on one
// loop, so that what they share needs no lock.
#include <array>
#include <map>

#include "base/text.h"
#include "lesson/operator.h"
#include "lesson/program.h"
#include "net/line_input.h"

using namespace sampan;

namespace {

class Lobby {
 public:
  // One client, from its arrival until it leaves. Half a goodbye counts as one: nobody can tell the two
  // apart.
  net::Task<> converse(std::unique_ptr<net::ByteStream> arrived) {
    const std::shared_ptr<net::ByteStream> stream = std::move(arrived);
    const std::string who = stream->peer_address() + (stream->peer_address() == "unix" ? number() : "");
    clients_[who] = {stream, {}, false};
    operator_.arrived(who);
    lesson::say(who + " is here");
    try {
      std::array<std::byte, 64 * 1024> room;
      while (const std::size_t got = co_await stream->read_some(room)) {
        lesson::say(who + ": " + printable(as_text(ByteView(room).first(got))));
        if (!operator_.heard(who)) lesson::say(who + " says too much: no answer is expected to this");
      }
    } catch (const net::StreamError& lost) {
      lesson::say(who + ": " + lost.error().message());
    }
    operator_.left(who);  // what it said no longer waits, and takes nobody's answer
    clients_.erase(who);
    lesson::say(who + " has left");
  }

  // The person. Each line goes to whoever it is for; how fast that client reads is its own business.
  net::Task<> answer(net::EventLoop& loop) {
    net::LineInput lines(loop);
    while (const auto line = co_await lines.next()) {
      const auto answer = operator_.meant_by(*line);
      if (!answer) {
        lesson::complain(answer.error());
      } else if (answer->text.empty()) {
        lesson::complain(Error(ErrorCode::invalid, "an empty answer is none: not sent"));
      } else {
        operator_.answered(*answer);
        deliver(loop, answer->client, answer->text);
      }
    }
  }

 private:
  struct Client {
    // The conversation owns it: a stream must not outlive the loop, and at the program's end this lobby does.
    std::weak_ptr<net::ByteStream> stream;
    std::string outgoing;  // and not yet on its way
    bool sending = false;
  };
  static constexpr std::size_t outgoing_max = 1024 * 1024;

  void deliver(net::EventLoop& loop, const std::string& who, const std::string& text) {
    Client& client = clients_.at(who);
    const auto stream = client.stream.lock();
    client.outgoing += text;
    if (client.outgoing.size() > outgoing_max) stream->abort(ErrorCode::busy);
    if (!std::exchange(client.sending, true)) loop.start(send(who, stream));
    lesson::say("to " + who);
  }

  // One at a time for each client; what is typed meanwhile goes with the next turn.
  net::Task<> send(std::string who, std::shared_ptr<net::ByteStream> stream) {
    for (;;) {
      const auto client = clients_.find(who);
      if (client == clients_.end() || client->second.stream.lock() != stream) co_return;
      const std::string text = std::exchange(client->second.outgoing, {});
      client->second.sending = !text.empty();
      if (text.empty()) co_return;
      co_await stream->write(as_bytes(text));
      co_await stream->flush();
    }
  }

  std::string number() { return std::to_string(++unnamed_); }

  lesson::Operator operator_;
  std::map<std::string, Client> clients_;  // by address
  int unnamed_ = 0;                        // clients of a UNIX socket have no address
};

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {.about =
                                   "Shows what clients say; each line typed here answers the oldest message "
                                   "that waits, or, as \"@ADDRESS text\", that client."};
  Lobby lobby;
  return lesson::run_server(count, arguments, usage, [&](lesson::Server& server) {
    server.listen([&](std::unique_ptr<net::ByteStream> stream) { return lobby.converse(std::move(stream)); });
    server.loop().start(lobby.answer(server.loop()));
  });
}
