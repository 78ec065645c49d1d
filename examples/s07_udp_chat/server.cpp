// Lesson 7, the server: shows what everybody writes, at once, and sends what the operator types.
#include <array>
#include <list>
#include <map>

#include <unistd.h>

#include "lesson/operator.h"
#include "lesson/program.h"
#include "net/datagram.h"
#include "net/line_input.h"
#include "wire/chat/message.h"

using namespace sampan;

namespace {

// What the two directions share. They run on one loop, in turn, so there is nothing to lock.
class Chat {
 public:
  explicit Chat(net::DatagramSocket bound) : socket_(std::move(bound)) {}

  // A datagram has no connection whose end would say that its sender has left: beyond so many, the one that
  // has been silent longest is forgotten.
  static constexpr std::size_t clients_max = 1000;

  void hear(const std::string& client, const net::Route& route) {
    if (const auto known = routes_.find(client); known != routes_.end()) {
      known->second->second = route;
      recent_.splice(recent_.begin(), recent_, known->second);
    } else {
      recent_.emplace_front(client, route);
      routes_[client] = recent_.begin();
    }
    if (routes_.size() > clients_max) {
      staff_.left(recent_.back().first);
      routes_.erase(recent_.back().first);
      recent_.pop_back();
    }
  }
  net::Route route_to(const std::string& client) const { return routes_.at(client)->second; }

  net::DatagramSocket& socket() { return socket_; }
  lesson::Operator& staff() { return staff_; }

 private:
  using Clients = std::list<std::pair<std::string, net::Route>>;
  net::DatagramSocket socket_;
  lesson::Operator staff_;
  Clients recent_;
  std::map<std::string, Clients::iterator> routes_;
};

net::Task<> listen(std::shared_ptr<Chat> chat) {
  const bool colour = isatty(STDOUT_FILENO) != 0;
  std::array<std::byte, wire::chat::message_max> room;
  for (;;) {
    const net::Datagram message = co_await chat->socket().receive(room);
    const std::string client = message.route.peer.text();
    if (message.is_cut()) {
      const std::string refused =
          "refused: a message of " + std::to_string(message.size) + " bytes, at most 1024";
      lesson::say(client + ": " + refused);
      co_await chat->socket().answer(message.route, as_bytes(refused));
      continue;
    }
    lesson::say(wire::chat::shown(client, as_text(message.bytes), colour));
    chat->hear(client, message.route);
    if (!chat->staff().heard(client))
      lesson::say(client + ": too many messages wait, this one only by @" + client);
  }
}

// One line of the operator's: the reason, if it goes to nobody.
net::Task<Result<>> answer(Chat& chat, std::string line) {
  const auto meant = chat.staff().meant_by(line);
  if (!meant) co_return fail(meant.error());
  const auto text = wire::chat::outgoing(meant->text);
  if (!text) co_return fail(text.error());
  const net::Route route = chat.route_to(meant->client);
  const auto sent = co_await chat.socket().answer(route, as_bytes(*text));
  if (sent) chat.staff().answered(*meant);
  co_return sent;
}

net::Task<> type(net::EventLoop& loop, std::shared_ptr<Chat> chat) {
  net::LineInput keyboard(loop);
  try {
    while (auto line = co_await keyboard.next()) {
      const auto sent = co_await answer(*chat, std::move(*line));
      if (!sent) lesson::complain(sent.error());
    }
  } catch (const net::StreamError& error) {
    lesson::complain(error.error());  // the keyboard is gone, the chat goes on
  }
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {
      .about =
          "Shows the messages of a chat. Each line of standard input answers the oldest message that has no\n"
          "answer yet; \"@ADDRESS text\" answers one client.",
      .port = 8081,
      .connections = false};
  return lesson::run_server(count, arguments, usage, [](lesson::Server& server) {
    const net::Endpoint& endpoint = server.arguments().endpoint();
    const Error nameless(ErrorCode::invalid,
                         "over a UNIX path nobody has an address to be answered at: HOST:PORT");
    if (endpoint.is_unix()) throw net::StreamError(nameless);
    auto socket = net::DatagramSocket::bind(server.loop(), endpoint);
    if (!socket) throw net::StreamError(socket.error());
    lesson::say_listening(socket->endpoint());
    const auto chat = std::make_shared<Chat>(std::move(*socket));
    server.loop().start(listen(chat));
    server.loop().start(type(server.loop(), chat));
  });
}
