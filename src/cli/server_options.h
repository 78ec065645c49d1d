#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace sampan::cli {

/// How a command line says which server, who, and whom to trust.
struct ServerOptions {
  std::string server;         ///< a URL or a profile's name; empty: SAMPAN_SERVER, else the default profile
  std::string password_file;  ///< "-" is standard input; empty: a saved credential, else a prompt
  std::string trust;          ///< "SHA256:.." of the key to pin at the first contact; empty: ask

  /// --server and the two below.
  void configure(CLI::App& options);
  /// --password-file and --trust, for a command that has the server as its operand.
  void configure_login(CLI::App& options);
};

}  // namespace sampan::cli
