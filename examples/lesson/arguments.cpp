#include "lesson/arguments.h"

#include <charconv>
#include <iostream>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace sampan::lesson {
namespace {

std::string without_brackets(std::string word) {
  return word.starts_with('[') ? word.substr(1, word.size() - 2) : word;
}

}  // namespace

void Arguments::refuse(const std::string& why) const {
  std::cerr << program_ << ": " << why << " (" << program_ << " --help tells more)\n";
  std::exit(2);
}

Arguments::Arguments(int count, char** arguments, const Usage& usage, Role role) : program_(arguments[0]) {
  program_ = program_.substr(program_.rfind('/') + 1);
  CLI::App app(usage.about, program_);
  app.set_help_flag("-h,--help", "this text");
  std::string address = "127.0.0.1:" + std::to_string(usage.port);
  if (role == Role::server) {
    app.add_option("--listen", address, "HOST:PORT or unix:PATH; port 0 takes a free one")
        ->capture_default_str();
    if (usage.connections)
      app.add_option("--idle", given_["--idle"], "seconds after which a silent connection is ended [300]");
  }
  if (role == Role::client)
    app.add_option("address", address, "HOST:PORT of the server, or unix:PATH")->required()->type_name("");
  for (const Option& word : usage.words) {
    auto* option =
        app.add_option(without_brackets(word.name), given_[without_brackets(word.name)], word.help);
    option->required(!word.name.starts_with('['))->type_name("");
  }
  std::map<std::string, bool> switches;
  for (const Option& option : usage.options) {
    if (option.value.empty())
      app.add_flag(option.name, switches[option.name], option.help);
    else
      app.add_option(option.name, given_[option.name], option.help)->type_name(option.value);
  }
  try {
    app.parse(count, arguments);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    std::exit(0);
  } catch (const CLI::ParseError& error) {
    refuse(error.what());
  }
  for (const auto& [name, on] : switches)
    if (on) given_[name] = "on";
  auto endpoint = net::parse_endpoint(address, usage.port);
  if (!endpoint) refuse(endpoint.error().detail());
  endpoint_ = std::move(*endpoint);
}

std::string Arguments::word(std::string_view name) const {
  return value(name);
}

std::string Arguments::value(std::string_view option) const {
  const auto found = given_.find(option);
  return found == given_.end() ? std::string() : found->second;
}

bool Arguments::has(std::string_view option) const {
  return !value(option).empty();
}

std::int64_t Arguments::number(std::string_view option, std::int64_t otherwise, std::int64_t least,
                               std::int64_t most) const {
  const std::string text = value(option);
  if (text.empty()) return otherwise;
  std::int64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc() || end != text.data() + text.size() || number < least || number > most)
    refuse(std::string(option) + " " + text + ": a whole number from " + std::to_string(least) + " to " +
           std::to_string(most) + " is needed");
  return number;
}

}  // namespace sampan::lesson
