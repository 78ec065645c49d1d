// Lesson 7, the client: choose a partner, write, go to the next; what the partner writes is shown whenever it
// comes.
#include <algorithm>
#include <array>
#include <iostream>

#include <unistd.h>

#include "lesson/program.h"
#include "net/datagram.h"
#include "net/deadline.h"
#include "net/line_input.h"
#include "wire/chat/message.h"

using namespace sampan;

namespace {

// The tutorial's friends, who all live at one address.
constexpr std::array<std::string_view, 4> partners = {"taibai", "Jedan", "Jack", "John"};
constexpr std::chrono::milliseconds ever = std::chrono::hours(24);

struct Chat {
  net::DatagramSocket socket;
  std::chrono::milliseconds linger;
  std::size_t unanswered = 0;         // in the tutorial each message has one answer
  bool over = false;                  // nothing more will be typed
  std::optional<Error> failure = {};  // of what was typed
};

net::Task<std::optional<std::string>> ask(net::LineInput& keyboard, const char* question) {
  if (isatty(STDIN_FILENO) != 0) std::cerr << question << std::flush;
  return keyboard.next();
}

net::Task<> talk_with_partner(Chat& chat, net::LineInput& keyboard) {
  while (const auto line = co_await ask(keyboard, "消息 (q: 换人): ")) {
    if (*line == "q") break;
    const auto text = wire::chat::outgoing(*line);
    if (!text) {
      lesson::complain(text.error());
      continue;
    }
    const auto sent = co_await chat.socket.send(as_bytes(*text));
    if (sent)
      ++chat.unanswered;
    else
      lesson::complain(sent.error());
  }
}

net::Task<> dialogue(net::EventLoop& loop, Chat& chat) {
  net::LineInput keyboard(loop);
  while (const auto name = co_await ask(keyboard, "聊天对象 (taibai, Jedan, Jack, John): ")) {
    if (std::ranges::find(partners, *name) != partners.end())
      co_await talk_with_partner(chat, keyboard);
    else
      lesson::complain(Error(ErrorCode::not_found,
                             "nobody is called \"" + *name + "\": choose taibai, Jedan, Jack or John"));
  }
}

net::Task<> type(net::EventLoop& loop, std::shared_ptr<Chat> chat) {
  try {
    co_await dialogue(loop, *chat);
  } catch (const net::StreamError& error) {
    chat->failure = error.error();
  }
  chat->over = true;
  if (chat->unanswered != 0) co_await net::sleep(chat->linger);
  chat->socket.abort(ErrorCode::interrupted);
}

net::Task<> listen(std::shared_ptr<Chat> chat, std::string who) {
  const bool colour = isatty(STDOUT_FILENO) != 0;
  std::array<std::byte, net::DatagramSocket::bytes_max> room;
  while (!chat->over || chat->unanswered != 0) {
    const auto message = co_await chat->socket.receive_within(room, ever);
    if (message) {
      lesson::say(wire::chat::shown(message->route.peer.text(), as_text(message->bytes), colour));
      if (chat->unanswered != 0) --chat->unanswered;
    } else if (message.error().code() == ErrorCode::connection_lost) {
      lesson::complain(Error(ErrorCode::connection_lost, "it seems that nobody listens at " + who));
    }
  }
}

net::Task<> talk(net::EventLoop& loop, const lesson::Arguments& arguments) {
  auto socket = net::DatagramSocket::connect(loop, arguments.endpoint());
  if (!socket) throw net::StreamError(socket.error());
  const auto chat = std::make_shared<Chat>(
      Chat{std::move(*socket), std::chrono::milliseconds(arguments.number("--linger", 5000, 0, 600'000))});
  loop.start(type(loop, chat));
  try {
    co_await listen(chat, arguments.endpoint().text());
  } catch (const net::StreamError& error) {
    if (!chat->over) throw;
  }
  if (chat->failure) throw net::StreamError(*chat->failure);
}

}  // namespace

int main(int count, char** arguments) {
  const lesson::Usage usage = {
      .about =
          "Chats: the name of a partner, then messages; q leaves the partner, the end of input the chat.",
      .port = 8081,
      .options = {{"--linger", "MS", "how long to wait for answers at the end of input [5000]"}}};
  return lesson::run_client(count, arguments, usage, talk);
}
