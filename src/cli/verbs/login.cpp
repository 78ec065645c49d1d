#include "cli/verbs/login.h"

#include "cli/options.h"
#include "client/profiles.h"

namespace sampan::cli {

Description Login::describe() const {
  return {.name = "login",
          .summary = "remember a server and log in there from now on",
          .operands = "sampan://NAME@HOST[:PORT]",
          .least = 1,
          .most = 1,
          .help =
              R"(Shows the server's key at the first contact (compare it with what serve
printed), checks the password and saves what lets this user log in again: not
the password, but what is worth as much at this one server, in a file that only
you can read. The first server that is remembered becomes the default.

Examples:
  sampan login sampan://alice@files.example.org
  sampan login sampan://alice@10.0.0.7:7300 --as work
  sampan ls --server work
)"};
}

void Login::configure(Options& options) {
  options.text("--as", profile_, "PROFILE", "the name to remember it by (else NAME@HOST)");
  server_.configure_login(options);
}

Result<> Login::act(Context& context, const Operands& operands) {
  const auto address = client::parse_server_address(operands[0]);
  if (!address) return fail(address.error());
  if (profile_.contains('/')) return fail(ErrorCode::invalid, "a profile's name cannot hold a /");
  Session& session = context.session;
  server_.server = operands[0];
  session.use(server_);
  session.ask_for_password();
  (void)session.connection();

  const auto directory = client::configuration_directory();
  if (!directory) return fail(directory.error());
  const client::Profiles profiles(*directory);
  const client::Profile profile = {profile_.empty() ? address->user + "@" + address->host() : profile_,
                                   address->text()};
  if (auto saved = profiles.save(profile); !saved) return saved;
  if (session.credential())
    if (auto saved = profiles.save_credential(address->text(), *session.credential()); !saved) return saved;
  context.console.note(address->text() + " is remembered as " + profile.name);
  return {};
}

}  // namespace sampan::cli
