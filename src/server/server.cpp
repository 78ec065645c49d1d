#include "server/server.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts/account_store.h"
#include "accounts/login_throttle.h"
#include "base/log.h"
#include "base/unique_fd.h"
#include "disk/directory.h"
#include "frontends/native/native_frontend.h"
#include "net/blocking_pool.h"
#include "net/event_loop.h"
#include "net/resolve.h"
#include "net/tcp.h"
#include "net/tls.h"
#include "server/data_directory.h"
#include "server/sandbox.h"
#include "server/service_user.h"
#include "storage/homes.h"

namespace sampan::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds housekeeping{60};
constexpr std::size_t pool_threads = 8;

sigset_t our_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  return set;
}

// The next of our signals within `limit`, or 0.
int wait_for_signal(milliseconds limit) {
  const sigset_t set = our_signals();
  const timespec time = {.tv_sec = limit.count() / 1000, .tv_nsec = limit.count() % 1000 * 1'000'000};
  const int number = sigtimedwait(&set, nullptr, &time);
  return std::max(number, 0);
}

// A descriptor for every session and its transfers: as many as the system lets us have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

struct TlsFiles {
  std::string certificate;
  std::string key;
};

Result<TlsFiles> tls_files(const Configuration& configuration, const DataDirectory& data) {
  if (configuration.tls_certificate.empty() != configuration.tls_key.empty())
    return fail(ErrorCode::invalid, "--tls-cert and --tls-key go together");
  if (!configuration.tls_certificate.empty())
    return TlsFiles{configuration.tls_certificate, configuration.tls_key};
  TlsFiles files = {data.certificate_file(), data.key_file()};
  if (access(files.key.c_str(), F_OK) == 0) return files;
  if (auto made = net::TlsServerContext::make_pair(files.certificate, files.key, "localhost"); !made)
    return fail(made.error());
  return files;
}

Result<std::vector<ListenUrl>> listen_urls(const Configuration& configuration) {
  std::vector<std::string> texts = configuration.listen;
  if (texts.empty()) texts = {"sampan://127.0.0.1"};
  std::vector<ListenUrl> urls;
  for (const std::string& text : texts) {
    auto url = parse_listen_url(text);
    if (!url) return fail(url.error());
    auto endpoint = net::resolve(url->endpoint);
    if (!endpoint) return fail(endpoint.error());
    urls.push_back({std::move(*endpoint)});
  }
  return urls;
}

// How many connections can be had: of the descriptors that are left half, for the others are their files'.
std::size_t connections_that_fit(std::size_t listeners) {
  rlimit limit{};
  const UniqueFd lowest_free(eventfd(0, EFD_CLOEXEC));
  if (!lowest_free || getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  const rlim_t taken = static_cast<rlim_t>(lowest_free.get()) + listeners;
  return limit.rlim_cur < taken + 2 ? 1 : (limit.rlim_cur - taken) / 2;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<> shut_in(const Configuration& configuration, const DataDirectory& data, const TlsFiles& tls,
                 const std::vector<ListenUrl>& urls) {
  Sandbox sandbox;
  sandbox.writable = {data.path()};
  for (const ListenUrl& url : urls)
    if (url.endpoint.is_unix()) sandbox.writable.push_back(folder_of(url.endpoint.path));
  sandbox.readable = {tls.certificate, tls.key};
  if (!configuration.file.empty()) sandbox.readable.push_back(configuration.file);
  const auto entered = enter_sandbox(sandbox);
  if (!entered) return fail(entered.error());
  if (!*entered) log::warning("this kernel has no Landlock: the homes are guarded by openat2 alone");
  return {};
}

Result<ServiceUser> service_user(const Configuration& configuration) {
  if (!configuration.user.empty()) return ServiceUser::find(configuration.user);
  if (geteuid() == 0)
    log::warning(
        "running as root: better start it as a user of its own, or let it change to one with --user");
  return ServiceUser();
}

/// The running parts, in the order in which they are made; they end in the reverse order.
class Server {
 public:
  Server(const Configuration& configuration, const ServiceUser& user, const DataDirectory& data,
         accounts::AccountStore accounts, disk::Directory homes, disk::Directory staging)
      : configuration_(configuration),
        user_(user),
        data_(data),
        accounts_(std::move(accounts)),
        homes_(std::move(homes), std::move(staging)),
        pool_(pool_threads),
        logins_(configuration.limits.logins),
        native_({accounts_, logins_, homes_, pool_}, session_limits()),
        loops_(configuration.threads != 0 ? configuration.threads
                                          : std::max<std::size_t>(1, std::thread::hardware_concurrency())) {}

  Result<> load_tls() {
    const auto files = tls_files(configuration_, data_);
    if (!files) return fail(files.error());
    auto context = net::TlsServerContext::load(files->certificate, files->key, frontends::native_alpn);
    if (!context) return fail(context.error());
    fingerprint_ = net::format_key_hash(context->key_hash());
    native_.set_tls(std::move(*context));
    return {};
  }

  Result<> listen(const std::vector<ListenUrl>& urls) {
    connections_ = connections_that_fit(urls.size());
    if (connections_ < configuration_.limits.sessions)
      log::warning("this process may open so few files (ulimit -n) that only {} sessions fit", connections_);
    native_.set_limits(session_limits());
    for (const ListenUrl& url : urls) {
      std::optional<ServiceUser::AsRoot> rights;  // a port below 1024; a socket's file is to be the user's
      if (!url.endpoint.is_unix()) rights.emplace(user_);
      auto listener = net::Listener::open(
          url.endpoint, loops_, [this](net::EventLoop& loop, std::unique_ptr<net::ByteStream> stream) {
            native_.serve(loop, std::move(stream));
          });
      if (!listener) return fail(listener.error());
      listeners_.push_back(std::move(*listener));
    }
    return {};
  }

  void announce() const {
    std::string lines = "fingerprint " + fingerprint_ + "\n";
    for (const auto& listener : listeners_)
      lines += "listening " + ListenUrl{listener->endpoint()}.text() + "\n";
    lines += "ready\n";
    std::fwrite(lines.data(), 1, lines.size(), stdout);
    std::fflush(stdout);
  }

  void run() {
    expire_uploads();
    for (;;) {
      const int signal = wait_for_signal(housekeeping);
      if (signal == SIGTERM || signal == SIGINT) break;
      if (signal == SIGHUP) reload();
      expire_uploads();
    }
    stop();
  }

 private:
  frontends::SessionLimits session_limits() const {
    const ServerLimits& limits = configuration_.limits;
    return {std::min(limits.sessions, connections_), limits.sessions_per_user, limits.login_deadline,
            limits.transfer_silence, limits.idle};
  }

  void expire_uploads() {
    FileTime before = FileTime::now();
    before.seconds -= std::chrono::duration_cast<seconds>(configuration_.limits.upload_expiry).count();
    homes_.expire_uploads(before);
  }

  // Certificates and limits anew; sessions stay. What is wrong is logged, and the old values stay too.
  void reload() {
    if (!configuration_.file.empty()) {
      auto fresh = read_configuration(configuration_.file, {});
      if (!fresh) {
        log::error("configuration not reloaded: {}", fresh.error().message());
        return;
      }
      configuration_.limits = fresh->limits;
      configuration_.grace = fresh->grace;
      logins_.set_limits(configuration_.limits.logins);
      native_.set_limits(session_limits());
    }
    if (const auto loaded = load_tls(); !loaded)
      log::error("certificate not reloaded: {}", loaded.error().message());
    else
      log::info("reloaded; fingerprint {}", fingerprint_);
  }

  void stop() {
    log::info("stopping: no new sessions, running transfers get {} s", configuration_.grace.count());
    for (const auto& listener : listeners_) listener->stop();
    native_.drain();
    const auto end = std::chrono::steady_clock::now() + configuration_.grace;
    while (!native_.wait_until_empty(milliseconds(0)) && std::chrono::steady_clock::now() < end)
      if (const int signal = wait_for_signal(milliseconds(20)); signal == SIGTERM || signal == SIGINT) break;
    native_.abort();
    if (!native_.wait_until_empty(seconds(5))) log::warning("some sessions did not end in time");
    log::info("stopped");
  }

  Configuration configuration_;
  const ServiceUser& user_;
  std::size_t connections_ = 0;  // that fit; known when it listens
  const DataDirectory& data_;
  accounts::AccountStore accounts_;
  storage::Homes homes_;
  net::BlockingPool pool_;
  accounts::LoginThrottle logins_;
  frontends::NativeFrontend native_;
  net::EventLoops loops_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::string fingerprint_;
};

}  // namespace

Result<> serve(const Configuration& configuration) {
  const sigset_t signals = our_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  umask(077);
  raise_descriptor_limit();
  log::start(configuration.log_format, configuration.log_level);

  const auto path =
      configuration.data.empty() ? DataDirectory::default_path() : Result<std::string>(configuration.data);
  if (!path) return fail(path.error());
  const auto user = service_user(configuration);
  if (!user) return fail(user.error());
  if (auto made = DataDirectory::make_for(*path, *user); !made) return made;
  if (auto entered = user->enter(); !entered) return entered;
  const auto data = DataDirectory::open(*path);
  if (!data) return fail(data.error());
  auto accounts = accounts::AccountStore::open(data->accounts_file());
  if (!accounts) return fail(accounts.error());
  auto homes = disk::Directory::open_trusted(data->homes());
  if (!homes) return fail(homes.error());
  auto staging = disk::Directory::open_trusted(data->staging());
  if (!staging) return fail(staging.error());
  const auto urls = listen_urls(configuration);
  if (!urls) return fail(urls.error());
  const auto tls = tls_files(configuration, *data);
  if (!tls) return fail(tls.error());
  {
    const ServiceUser::AsRoot rights(*user);  // to name a key that only root may read
    if (auto shut = shut_in(configuration, *data, *tls, *urls); !shut) return shut;
  }

  Server server(configuration, *user, *data, std::move(*accounts), std::move(*homes), std::move(*staging));
  {
    const ServiceUser::AsRoot rights(*user);  // a key that only root may read
    if (auto loaded = server.load_tls(); !loaded) return loaded;
  }
  if (auto listening = server.listen(*urls); !listening) return listening;
  if (auto stayed = user->stay(); !stayed) return stayed;
  server.announce();
  server.run();
  return {};
}

}  // namespace sampan::server
