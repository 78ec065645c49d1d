#include "cli/server_options.h"

#include "cli/options.h"

namespace sampan::cli {

void ServerOptions::configure(Options& options) {
  options.heading("Server");
  options.text("--server", server, "URL",
               "sampan://NAME@HOST[:PORT] or a profile (else SAMPAN_SERVER, else the default)");
  configure_login(options);
}

void ServerOptions::configure_login(Options& options) {
  options.heading("Server");
  options.text("--password-file", password_file, "FILE",
               "its first line is the password; - is standard input");
  options.text("--trust", trust, "FINGERPRINT", "the server's key at the first contact, as serve prints it");
}

}  // namespace sampan::cli
