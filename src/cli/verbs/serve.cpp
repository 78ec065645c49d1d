#include "cli/verbs/serve.h"

#include <map>

#include "cli/console.h"
#include "cli/options.h"
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

The configuration file is TOML; options go before it. Its keys: data, user,
listen, log-format, log-level, grace, tls-cert, tls-key, threads as the
options, and (times in seconds)
  sessions = 4096             at once, logged in or not
  sessions-per-user = 256
  login-deadline = 30         from the connection to the end of the login
  login-failures = 5          of one user from one address,
  login-failures-within = 60  in this time: he is refused
  login-pause = 30            until so long after the last one
  transfer-silence = 30       no byte in the middle of a request or transfer
  idle = 900                  no request
  upload-expiry-hours = 24    for what an interrupted upload left

Started by root, it works as --user NAME: root's rights take the ports and read
the TLS key, and are gone before the first client comes. A key that NAME cannot
read is not read again at SIGHUP.

Examples:
  sampan serve
  sampan serve --data /srv/sampan --listen sampan://0.0.0.0:7267
  sampan serve --listen sampan+unix:/run/sampan.socket
)"};
}

void Serve::configure(Options& options) {
  options.text("--data", data_, "DIR",
               "where everything lies (else SAMPAN_DATA, else $XDG_DATA_HOME/sampan)");
  options.text("--user", user_, "NAME", "whom a server started by root works as, and who owns its data");
  options.texts("--listen", listen_, "URL",
                "sampan://HOST[:PORT] or sampan+unix:PATH; repeatable; port 0: a free one");
  options.text("--config", config_, "FILE", "a TOML file");
  options.word("--log-format", log_format_, words_of(log_formats), "of the log on standard error");
  options.word("--log-level", log_level_, words_of(log_levels), "the least that is logged (info)");
  options.number("--grace", grace_, "SECONDS", 0, 86'400,
                 "how long running transfers may go on after SIGTERM (10)");
  options.number("--threads", threads_, "N", 1, 1024, "event loops (one per core)");
  options.text("--tls-cert", tls_certificate_, "FILE", "a PEM file in the place of the server's own");
  options.text("--tls-key", tls_key_, "FILE", "its key, a PEM file");
  options.both_or_none("--tls-cert", "--tls-key");
}

Result<server::Configuration> Serve::configuration() const {
  server::Configuration configuration;
  if (!config_.empty()) {
    auto read = server::read_configuration(config_, {});
    if (!read) return read;
    configuration = std::move(*read);
  }
  if (!data_.empty()) configuration.data = data_;
  if (!user_.empty()) configuration.user = user_;
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
