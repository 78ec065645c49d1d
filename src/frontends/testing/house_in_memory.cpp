#include "frontends/testing/house_in_memory.h"

#include <stdexcept>

#include "base/testing/temporary_directory.h"
#include "net/deadline.h"

namespace sampan::frontends::testing {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds hang_guard{60'000};

// One for the whole program: what makes a key, writes files.
const net::TlsServerContext& tls() {
  static const net::TlsServerContext context = [] {
    const sampan::testing::TemporaryDirectory folder;
    const std::string certificate = folder.path() + "/certificate.pem";
    const std::string key = folder.path() + "/key.pem";
    if (auto made = net::TlsServerContext::make_pair(certificate, key, "memory"); !made)
      throw std::runtime_error(made.error().message());
    return net::TlsServerContext::load(certificate, key, native_alpn).value();
  }();
  return context;
}

const login::Credential& credential() {
  static const login::Credential made = login::make_credential(Secret("correct horse")).value();
  return made;
}

net::Task<> wait_until_empty(NativeFrontend& frontend) {
  const auto until = std::chrono::steady_clock::now() + hang_guard;
  while (!frontend.wait_until_empty(milliseconds(0))) {
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error("a session does not end");
    co_await net::sleep(milliseconds(1));
  }
}

}  // namespace

HouseInMemory::HouseInMemory(net::EventLoop& loop, const SessionLimits& limits)
    : loop_(loop),
      now_(std::chrono::steady_clock::now()),
      logins_({}, [this] { return now_; }),
      frontend_({accounts_, logins_, homes_, pool_}, limits),
      key_hash_(tls().key_hash()) {
  frontend_.set_tls(tls());
  accounts::Account alice;
  alice.name = "alice";
  alice.credential_version = 1;
  add_user(alice);
}

HouseInMemory::~HouseInMemory() {
  frontend_.abort();
  settle();
}

void HouseInMemory::settle() {
  loop_.run(wait_until_empty(frontend_));
}

std::unique_ptr<net::ByteStream> HouseInMemory::connect(const net::testing::Line& line) {
  auto [client, server] = net::testing::memory_pair(loop_, line);
  frontend_.serve(loop_, std::move(server));
  return std::move(client);
}

void HouseInMemory::add_user(const accounts::Account& account) {
  add_account(account);
  homes_.make(account.name);
}

void HouseInMemory::add_account(const accounts::Account& account) {
  accounts_.set(account, credential());
}

login::ScramClient::SaltedPasswordOf HouseInMemory::right_password() {
  return [](std::string_view salt, const login::KdfParameters& kdf) -> Result<Secret> {
    static const Secret salted =
        login::salted_password(Secret("correct horse"), credential().salt, credential().kdf).value();
    // Whose account it is not, has another salt.
    return salt == credential().salt && kdf == credential().kdf ? salted.copy()
                                                                : Secret(std::string(32, 'x'));
  };
}

login::ScramClient::SaltedPasswordOf HouseInMemory::wrong_password() {
  return [](std::string_view, const login::KdfParameters&) -> Result<Secret> {
    return Secret(std::string(32, 'x'));
  };
}

}  // namespace sampan::frontends::testing
