#include "cli/session.h"

#include <cstdlib>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/password.h"
#include "client/known_hosts.h"

namespace sampan::cli {
namespace {

constexpr std::chrono::milliseconds farewell{1'000};

template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw net::StreamError(result.error());
  return std::move(*result);
}

std::string configuration_directory() {
  return value_or_throw(client::configuration_directory());
}

}  // namespace

Session::~Session() {
  if (!connection_) return;
  try {
    connection_->set_silence(farewell);
    loop_.run(connection_->close());
  } catch (const std::exception&) {  // it was only to be polite
  }
  connection_.reset();
}

client::Connection& Session::connection() {
  if (!connection_) connection_ = open();
  return *connection_;
}

const client::ServerAddress& Session::address() {
  if (!address_) address_ = choose_address();
  return *address_;
}

client::ServerAddress Session::choose_address() const {
  std::string server = options_.server;
  if (server.empty())
    if (const char* variable = std::getenv("SAMPAN_SERVER")) server = variable;
  if (server.contains("://")) return value_or_throw(client::parse_server_address(server));
  const auto profile = client::Profiles(configuration_directory()).find(server);
  if (profile) return value_or_throw(client::parse_server_address(profile->url));
  if (profile.error().code() != ErrorCode::not_found) throw net::StreamError(profile.error());
  if (server.empty())
    throw net::StreamError(
        {ErrorCode::invalid, "no server: use --server URL, set SAMPAN_SERVER, or run sampan login URL once"});
  throw net::StreamError(
      {ErrorCode::invalid, "no profile " + server + ": use sampan://NAME@HOST[:PORT], or run sampan login"});
}

// The server waits only so long for a login. Somebody who took longer over a question has answered it by
// then: once more, without it.
std::shared_ptr<client::Connection> Session::open() {
  interrupts_.start();
  const client::KnownHosts known(configuration_directory() + "/known_hosts");
  const auto attempt = [&] {
    return loop_.run(client::Connection::open(
        address(), known, [this](const std::string& fingerprint) { return first_contact(fingerprint); },
        [this](std::string_view salt, const login::KdfParameters& kdf) {
          return salted_password(salt, kdf);
        }));
  };
  asked_ = false;
  try {
    return attempt();
  } catch (const net::StreamError& error) {
    const ErrorCode code = error.error().code();
    const bool too_slow = code == ErrorCode::connection_lost || code == ErrorCode::timed_out;
    if (!too_slow) credential_.reset();
    if (!too_slow || !asked_) throw;
  }
  return attempt();
}

Result<> Session::first_contact(const std::string& fingerprint) {
  if (!options_.trust.empty()) {
    if (options_.trust == fingerprint) return {};
    return fail(ErrorCode::wrong_peer, "its key is " + fingerprint + ", --trust says " + options_.trust);
  }
  const std::string host = address_->host();
  if (!person_.present())
    return fail(ErrorCode::wrong_peer,
                host + " is new here and there is no terminal to ask on: if its key is right, use --trust " +
                    fingerprint);
  asked_ = true;
  const auto answer = person_.ask(fmt::format(
      "{} is new here. Its key is\n  {}\nTrust it from now on? [y/N] ", printable(host), fingerprint));
  if (!answer) return fail(answer.error());
  if (!means_yes(*answer)) return fail(ErrorCode::wrong_peer, "its key is not trusted");
  return {};
}

Result<Secret> Session::salted_password(std::string_view salt, const login::KdfParameters& kdf) {
  const auto fits = [&](const std::optional<client::SavedCredential>& saved) {
    return saved && saved->salt == salt && saved->kdf == kdf;
  };
  if (fits(credential_)) return credential_->salted_password.copy();
  if (use_saved_ && options_.password_file.empty()) {
    auto saved = client::Profiles(configuration_directory()).credential(address_->text());
    if (!saved) return fail(saved.error());
    if (fits(*saved)) {
      credential_ = std::move(*saved);
      return credential_->salted_password.copy();
    }
  }
  const auto typed = password();
  if (!typed) return fail(typed.error());
  auto salted = login::salted_password(*typed, salt, kdf);
  if (salted) credential_ = client::SavedCredential{std::string(salt), kdf, salted->copy()};
  return salted;
}

Result<Secret> Session::password() {
  if (!options_.password_file.empty()) return read_password_file(options_.password_file);
  if (!person_.present())
    return fail(
        ErrorCode::invalid,
        "there is no terminal to ask for the password: use --password-file FILE, or run sampan login once");
  asked_ = true;
  return person_.ask_secret(
      fmt::format("Password of {} at {}: ", printable(address_->user), printable(address_->host())));
}

}  // namespace sampan::cli
