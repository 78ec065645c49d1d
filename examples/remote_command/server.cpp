#include "remote_command/server.h"

#include <array>
#include <iostream>
#include <memory>
#include <optional>

#include "base/text.h"
#include "lesson/program.h"
#include "net/deadline.h"
#include "net/socket_address.h"
#include "net/socket_control.h"
#include "services/command/command.h"

namespace sampan::remote_command {
namespace {

using services::Command;
using services::CommandOutcome;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t commands_max = 16;    // at once, of all clients together
constexpr seconds half_closed_patience{2};  // for a client that has said everything, and may still listen
constexpr seconds parting_patience{2};
constexpr std::size_t parting_bytes = 1 << 20;

struct Settings {
  net::EventLoop& loop;
  Head head;
  bool allowed = false;
  services::CommandLimits limits;
  milliseconds settle{0};
  seconds idle{0};
  std::size_t running = 0;  // commands; touched on the loop alone
};

// An answer for what was not run.
CommandOutcome refusal(const std::string& why) {
  CommandOutcome outcome;
  outcome.errors = "sampan: " + why + "\n";
  return outcome;
}

/// One client. Two coroutines share it while a command runs: one waits for the command, the other hears what
/// the client does meanwhile.
class Conversation {
 public:
  Conversation(std::shared_ptr<Settings> settings, std::unique_ptr<net::ByteStream> stream)
      : settings_(std::move(settings)), stream_(std::move(stream)) {}

  static net::Task<> talk(std::shared_ptr<Conversation> self) {
    for (;;) {
      const bool more = co_await self->read_request();
      if (!more) break;
      const std::string text = std::exchange(self->request_, {});
      if (text.size() > request_max) {
        const auto outcome = refusal("a command has at most 1024 bytes; nothing was run");
        co_await self->answer(outcome);
        co_await self->part();
        break;
      }
      const auto outcome = co_await execute(self, text);
      if (outcome.end == CommandOutcome::End::abandoned) break;
      co_await self->answer(outcome);
    }
  }

 private:
  // Bytes that came together, or one after the other without a pause, are a command: the format knows no
  // better. False once the client has left.
  net::Task<bool> read_request() {
    if (request_.empty()) co_await take();
    while (!ended_ && request_.size() <= request_max) {
      const bool goes_on = co_await net::readable_within(*stream_, settings_->settle);
      if (!goes_on) break;
      co_await take();
    }
    co_return !request_.empty();
  }

  net::Task<> take() {
    std::array<std::byte, request_max + 1> room;
    const std::size_t got = co_await stream_->read_some(room);
    request_ += as_text(ByteView(room).first(got));
    ended_ = got == 0;
  }

  static net::Task<CommandOutcome> execute(std::shared_ptr<Conversation> self, std::string text) {
    Settings& settings = *self->settings_;
    lesson::say(self->stream_->peer_address() + ": " + printable(text));
    if (!settings.allowed)
      co_return refusal("commands are not allowed here: start the server with --allow-commands");
    if (!is_utf8(text)) co_return refusal("a command that is not UTF-8; nothing was run");
    if (settings.running >= commands_max)
      co_return refusal("16 commands are running already: try again later");
    const auto command = Command::start(settings.loop, text, settings.limits);
    if (!command) co_return refusal(command.error().message());

    ++settings.running;
    self->running_ = *command;
    self->stream_->set_timeout(milliseconds(0));  // it is not the client who keeps us waiting now
    if (!self->ended_) settings.loop.start(listen_meanwhile(self, *command));
    if (self->ended_) settings.loop.start(end_later(*command));
    CommandOutcome outcome = co_await (*command)->wait();
    --settings.running;
    self->stream_->set_timeout(settings.idle);
    self->running_.reset();
    if (self->listening_) net::wake(*self->stream_);
    // One reader at a time: the next wait must not hear what was meant for that one.
    while (self->listening_) co_await net::sleep(milliseconds(0));
    co_return outcome;
  }

  // Whoever leaves has his command ended. Who only has no more to say gets his answer, if it comes soon.
  static net::Task<> listen_meanwhile(std::shared_ptr<Conversation> self, std::shared_ptr<Command> command) {
    try {
      while (self->request_.size() <= request_max && !self->ended_) {
        self->listening_ = true;
        co_await self->stream_->wait_readable();
        self->listening_ = false;
        if (self->running_ != command) co_return;
        co_await self->take();
      }
    } catch (const net::StreamError&) {
      self->listening_ = false;
      command->end();
    }
    if (self->ended_)
      self->settings_->loop.start(end_later(command));
    else
      command->end();  // more than a command while one runs: a flood
  }

  static net::Task<> end_later(std::shared_ptr<Command> command) {
    co_await net::sleep(half_closed_patience);
    command->end();
  }

  net::Task<> answer(const CommandOutcome& outcome) {
    std::string errors = outcome.errors;
    if (const std::string remark = outcome.remark(settings_->limits); !remark.empty()) {
      if (!errors.empty() && !errors.ends_with('\n')) errors += '\n';
      errors += "sampan: " + remark + "\n";
    }
    const auto head = settings_->head(outcome.output, errors);
    if (!head) {
      const Error error = head.error();
      throw net::StreamError(error);
    }
    co_await stream_->write(as_bytes(*head));
    co_await stream_->write(as_bytes(outcome.output));
    co_await stream_->write(as_bytes(errors));
    co_await stream_->flush();
  }

  // A connection that closes while there is something to be read takes the last answer with it: the peer gets
  // a reset. So our end first, then what the peer has to say, to its end or our patience's.
  net::Task<> part() {
    co_await stream_->finish();
    stream_->set_timeout(parting_patience);
    std::array<std::byte, 4096> room;
    for (std::size_t heard = 0; heard < parting_bytes;) {
      const std::size_t got = co_await stream_->read_some(room);
      if (got == 0) break;
      heard += got;
    }
  }

  std::shared_ptr<Settings> settings_;
  std::unique_ptr<net::ByteStream> stream_;
  std::string request_;  // what has come of the next one
  bool ended_ = false;   // the client's direction
  bool listening_ = false;
  std::shared_ptr<Command> running_;
};

net::Task<> converse(std::shared_ptr<Settings> settings, std::unique_ptr<net::ByteStream> stream) {
  auto conversation = std::make_shared<Conversation>(std::move(settings), std::move(stream));
  co_await Conversation::talk(std::move(conversation));
}

// Whoever reaches the port can do what this user can: nobody from elsewhere may.
void require_loopback(const net::Endpoint& endpoint) {
  if (endpoint.is_unix()) return;
  const auto addresses = net::addresses_of(endpoint, false);
  if (!addresses) throw net::StreamError(addresses.error());
  for (const net::SocketAddress& address : *addresses)
    if (!address.is_loopback())
      throw net::StreamError(Error(ErrorCode::denied, endpoint.text() +
                                                          ": commands are for this machine alone: listen on "
                                                          "127.0.0.1, [::1] or unix:PATH"));
}

}  // namespace

int run_server(int count, char** arguments, const std::string& about, const Head& head) {
  const lesson::Usage usage = {
      .about = about,
      .options = {{"--allow-commands", "",
                   "run what clients send, as the user who starts this; without it nothing runs"},
                  {"--time-limit", "SECONDS", "how long a command may run [10]"},
                  {"--settle", "MILLISECONDS", "the silence that ends a request [50]"}}};
  return lesson::run_server(count, arguments, usage, [&](lesson::Server& server) {
    const lesson::Arguments& asked = server.arguments();
    require_loopback(asked.endpoint());
    auto settings = std::make_shared<Settings>(server.loop(), head);
    settings->allowed = asked.has("--allow-commands");
    settings->limits.time = seconds(asked.number("--time-limit", 10, 1, 3600));
    settings->settle = milliseconds(asked.number("--settle", 50, 1, 10'000));
    settings->idle = seconds(asked.number("--idle", 300, 1, 86'400));
    server.listen([settings](std::unique_ptr<net::ByteStream> stream) {
      return converse(settings, std::move(stream));
    });
    if (!settings->allowed)
      std::cerr << asked.program() << ": nothing will be run: --allow-commands is missing\n";
  });
}

}  // namespace sampan::remote_command
