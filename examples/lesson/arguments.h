#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "net/endpoint.h"

namespace sampan::lesson {

struct Option {
  std::string name;   ///< "--dir"
  std::string value;  ///< "DIR": what follows it; empty: nothing does, it is a switch
  std::string help;   ///< one sentence
};

/// What a lesson's command line takes besides what every lesson's does (HOST:PORT of a client, --listen and
/// --idle of a server, --help).
struct Usage {
  std::string about;          ///< --help's first words: the lesson's idea in a sentence or two
  std::uint16_t port = 8080;  ///< where the tutorial listens
  bool connections = true;    ///< a server of datagrams has none, and so no --idle
  std::vector<Option> options = {};
  std::vector<Option> words =
      {};  ///< further words in order: {"FILE", "", "what to send"}; "[NAME]" is optional
};

/// What was asked. A value that was not given is empty.
class Arguments {
 public:
  enum class Role { server, client, demonstration };
  /// Ends the process with 0 after --help and with 2 after a mistake, which it names.
  Arguments(int count, char** arguments, const Usage& usage, Role role);

  const std::string& program() const { return program_; }      ///< "s01_echo_once_server"
  const net::Endpoint& endpoint() const { return endpoint_; }  ///< where to listen, or to connect
  std::string word(std::string_view name) const;               ///< word("FILE")
  std::string value(std::string_view option) const;            ///< value("--dir")
  bool has(std::string_view option) const;                     ///< has("--allow-commands")
  /// value(option) as a whole number; ends the process with 2 if it is none from `least` to `most`.
  std::int64_t number(std::string_view option, std::int64_t otherwise, std::int64_t least,
                      std::int64_t most) const;

 private:
  [[noreturn]] void refuse(const std::string& why) const;

  std::string program_;
  net::Endpoint endpoint_;
  std::map<std::string, std::string, std::less<>> given_;
};

}  // namespace sampan::lesson
