#include "cli/verbs/serve.h"

#include <map>

#include "cli/console.h"
#include "server/server.h"

namespace sampan::cli {
namespace {

const std::map<std::string, log::Format> log_formats = {{"text", log::Format::text},
                                                        {"json", log::Format::json}};
const std::map<std::string, log::Level> log_levels = {{"debug", log::Level::debug},
                                                      {"info", log::Level::info},
                                                      {"warning", log::Level::warning},
                                                      {"error", log::Level::error}};

template <class Value>
std::vector<std::string> words_of(const std::map<std::string, Value>& values) {
  std::vector<std::string> words;
  for (const auto& [word, value] : values) words.push_back(word);
  return words;
}

}  // namespace

Description Serve::describe() const {
  return {.name = "serve",
          .summary = "run a server",
          .help =
              R"(Prints the key's fingerprint, a line "listening URL" for each listener, then
"ready". Events go to standard error. SIGTERM or SIGINT: no new sessions,
running transfers get --grace seconds. SIGHUP: certificates and configuration
anew.

The configuration file is TOML; its keys: data, listen, log-format, log-level,
grace, tls-cert, tls-key, threads, sessions, sessions-per-user, login-deadline,
transfer-silence, idle, upload-expiry-hours. Options go before it.

Examples:
  sampan serve
  sampan serve --data /srv/sampan --listen sampan://0.0.0.0:7267 --listen sampan+unix:/run/sampan.socket
)"};
}

void Serve::configure(CLI::App& options) {
  options.add_option("--data", data_, "where everything lies (else SAMPAN_DATA, else $XDG_DATA_HOME/sampan)")
      ->option_text("DIR");
  options
      .add_option("--listen", listen_,
                  "sampan://HOST[:PORT] or sampan+unix:PATH; repeatable; port 0: a free one")
      ->option_text("URL")
      ->allow_extra_args(false);
  options.add_option("--config", config_, "a TOML file")->option_text("FILE");
  options.add_option("--log-format", log_format_, "text or json")
      ->option_text("FORMAT")
      ->check(CLI::IsMember(words_of(log_formats)));
  options.add_option("--log-level", log_level_, "debug, info, warning or error")
      ->option_text("LEVEL")
      ->check(CLI::IsMember(words_of(log_levels)));
  options.add_option("--grace", grace_, "how long running transfers may go on after SIGTERM (10)")
      ->option_text("SECONDS");
  options.add_option("--threads", threads_, "event loops (one per core)")
      ->option_text("N")
      ->check(CLI::Range(1, 1024));
  auto* certificate =
      options.add_option("--tls-cert", tls_certificate_, "a PEM file in the place of the server's own");
  auto* key = options.add_option("--tls-key", tls_key_, "its key, a PEM file");
  certificate->option_text("FILE")->needs(key);
  key->option_text("FILE")->needs(certificate);
}

Result<server::Configuration> Serve::configuration() const {
  server::Configuration configuration;
  if (!config_.empty()) {
    auto read = server::read_configuration(config_, {});
    if (!read) return read;
    configuration = std::move(*read);
  }
  if (!data_.empty()) configuration.data = data_;
  if (!listen_.empty()) configuration.listen = listen_;
  if (!log_format_.empty()) configuration.log_format = log_formats.at(log_format_);
  if (!log_level_.empty()) configuration.log_level = log_levels.at(log_level_);
  if (grace_) configuration.grace = std::chrono::seconds(*grace_);
  if (threads_) configuration.threads = *threads_;
  if (!tls_certificate_.empty()) configuration.tls_certificate = tls_certificate_;
  if (!tls_key_.empty()) configuration.tls_key = tls_key_;
  return configuration;
}

int Serve::run(Context& context, const Operands&) {
  const auto configured = configuration();
  if (!configured) return context.console.fail("serve", {}, configured.error());
  const auto served = server::serve(*configured);
  if (!served) return context.console.fail("serve", {}, served.error());
  return 0;
}

}  // namespace sampan::cli
