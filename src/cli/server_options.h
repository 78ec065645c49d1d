#pragma once

#include <string>

namespace sampan::cli {

class Options;

/// How a command line says which server, who, and whom to trust.
struct ServerOptions {
  std::string server;         ///< a URL or a profile's name; empty: SAMPAN_SERVER, else the default profile
  std::string password_file;  ///< "-" is standard input; empty: a saved credential, else a prompt
  std::string trust;          ///< "SHA256:.." of the key to pin at the first contact; empty: ask

  /// --server and the two below.
  void configure(Options& options);
  /// --password-file and --trust, for a command that has the server as its operand.
  void configure_login(Options& options);
};

}  // namespace sampan::cli
