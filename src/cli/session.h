#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/interrupts.h"
#include "cli/remote_path.h"
#include "cli/server_options.h"
#include "cli/terminal.h"
#include "client/connection.h"
#include "client/profiles.h"
#include "net/event_loop.h"

namespace sampan::cli {

/// One sitting with a server: which one, who, where in the tree, and the connection, made when it is first
/// needed and again after it was lost. On the main thread. What keeps it from having a connection (an address
/// that cannot be, a refused login) it throws as StreamError, like a lost one.
class Session {
 public:
  Session(Person& person, Interrupts& interrupts) : person_(person), interrupts_(interrupts) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// Chooses the server, before the first call().
  void use(ServerOptions options) { options_ = std::move(options); }

  /// Calls a function of the client library with the connection before its other arguments, and runs what it
  /// gives to its end: `session.call(client::stat_file, path.text())`. Ctrl-C ends it: StreamError with
  /// interrupted.
  template <class Function, class... Arguments>
  auto call(Function function, Arguments&&... arguments) {
    return run(function(connection(), std::forward<Arguments>(arguments)...));
  }

  /// Connects and logs in, unless that is done. The address and what the login was with are known from then
  /// on.
  client::Connection& connection();
  const client::ServerAddress& address();
  /// What the latest login was with; nothing before one.
  const std::optional<client::SavedCredential>& credential() const { return credential_; }
  /// A saved credential is not used: `login` is to see the password itself.
  void ask_for_password() { use_saved_ = false; }
  bool connected() const { return connection_ != nullptr; }
  void disconnect() { connection_.reset(); }

  const RemotePath& directory() const { return directory_; }
  void enter(RemotePath directory) { directory_ = std::move(directory); }

  /// Said by `exit` in the shell.
  void leave() { left_ = true; }
  bool left() const { return left_; }

  Interrupts& interrupts() { return interrupts_; }

 private:
  template <class T>
  T run(net::Task<T> task);

  client::ServerAddress choose_address() const;
  std::shared_ptr<client::Connection> open();
  Result<> first_contact(const std::string& fingerprint);
  Result<Secret> salted_password(std::string_view salt, const login::KdfParameters& kdf);
  Result<Secret> password();

  Person& person_;
  Interrupts& interrupts_;
  ServerOptions options_;
  bool use_saved_ = true;
  bool asked_ = false;  // somebody was asked something while the server waited
  bool left_ = false;
  RemotePath directory_;
  std::optional<client::ServerAddress> address_;
  std::optional<client::SavedCredential> credential_;
  std::atomic<bool> interrupted_ = false;
  net::EventLoop loop_;
  std::shared_ptr<client::Connection> connection_;  // shared with an interrupt on its way, weakly
};

template <class T>
T Session::run(net::Task<T> task) {
  interrupted_ = false;
  const Interrupts::Handler handler(interrupts_, [this, weak = std::weak_ptr(connection_)] {
    interrupted_ = true;
    loop_.post([weak] {
      if (const auto connection = weak.lock()) connection->abort(Error(ErrorCode::interrupted));
    });
  });
  try {
    T value = loop_.run(std::move(task));
    if (interrupted_) disconnect();  // too late for this call; the next must not meet it
    return value;
  } catch (const net::StreamError&) {
    disconnect();
    throw;
  }
}

}  // namespace sampan::cli
