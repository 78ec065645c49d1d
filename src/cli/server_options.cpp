#include "cli/server_options.h"

namespace sampan::cli {

void ServerOptions::configure(CLI::App& options) {
  options
      .add_option("--server", server,
                  "sampan://NAME@HOST[:PORT] or a profile (else SAMPAN_SERVER, else the default)")
      ->option_text("URL")
      ->group("Server");
  configure_login(options);
}

void ServerOptions::configure_login(CLI::App& options) {
  options.add_option("--password-file", password_file, "its first line is the password; - is standard input")
      ->option_text("FILE")
      ->group("Server");
  options.add_option("--trust", trust, "the server's key at the first contact, as serve prints it")
      ->option_text("FINGERPRINT")
      ->group("Server");
}

}  // namespace sampan::cli
