#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace sampan::accounts {

/// How many wrong passwords are borne: `failures` of them `within` some time, and then none is looked at
/// until `pause` after the last one.
struct LoginLimits {
  std::size_t failures = 5;
  std::chrono::seconds within{60};
  std::chrono::seconds pause{30};
};

/// Who wants to log in, and where from. The user is what the peer claims, known here or not; the network is
/// what one person has of the net: an address, or the subnet that a provider gives to one customer.
struct Caller {
  std::string user;
  std::string network;
};

/// Which logins have failed of late. Its memory has a bound that no peer can pass, however many names it
/// invents and addresses it has; and nobody can make it forget his own failures but by a thousand networks.
/// Not thread-safe: LoginThrottle is.
class FailedLogins {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::size_t networks_most = 1024;
  /// In one network. Whoever comes after them there is counted together: only neighbours can suffer from
  /// somebody who invents users.
  static constexpr std::size_t users_most = 32;

  void add(const Caller& caller, Time now, const LoginLimits& limits);
  /// He has shown that he is who he says.
  void forget(const Caller& caller);

  /// The last failures, oldest first, as many as limits.failures at most.
  const std::vector<Time>& of(const Caller& caller) const;
  std::size_t networks() const { return networks_.size(); }

 private:
  using Failures = std::vector<Time>;
  struct Network {
    std::map<std::string, Failures, std::less<>> users;
    Failures others;
    Time last;
  };

  Failures& record_of(const Caller& caller, Time now, const LoginLimits& limits);
  void make_room(Time now, std::chrono::seconds lifetime);

  std::map<std::string, Network, std::less<>> networks_;
};

}  // namespace sampan::accounts
