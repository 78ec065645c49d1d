#include "accounts/failed_logins.h"

#include <algorithm>
#include <string_view>

namespace sampan::accounts {
namespace {

// No account's name is as long as this (check_name), so cutting makes no two accounts one.
constexpr std::size_t name_most = 129;

std::string_view key_of(const Caller& caller) {
  return std::string_view(caller.user).substr(0, name_most);
}

// A failure that is older than this has no say any more.
std::chrono::seconds lifetime_of(const LoginLimits& limits) {
  return std::max(limits.within, limits.pause);
}

}  // namespace

void FailedLogins::make_room(Time now, std::chrono::seconds lifetime) {
  std::erase_if(networks_, [&](const auto& item) { return item.second.last + lifetime < now; });
  if (networks_.size() < networks_most) return;
  const auto by_last = [](const auto& a, const auto& b) { return a.second.last < b.second.last; };
  networks_.erase(std::ranges::min_element(networks_, by_last));
}

FailedLogins::Failures& FailedLogins::record_of(const Caller& caller, Time now, const LoginLimits& limits) {
  if (!networks_.contains(caller.network) && networks_.size() >= networks_most)
    make_room(now, lifetime_of(limits));
  Network& network = networks_[caller.network];
  network.last = now;
  const auto user = network.users.find(key_of(caller));
  if (user != network.users.end()) return user->second;
  if (network.users.size() >= users_most)
    std::erase_if(network.users,
                  [&](const auto& item) { return item.second.back() + lifetime_of(limits) < now; });
  if (network.users.size() >= users_most) return network.others;
  return network.users[std::string(key_of(caller))];
}

void FailedLogins::add(const Caller& caller, Time now, const LoginLimits& limits) {
  Failures& failures = record_of(caller, now, limits);
  failures.push_back(now);
  if (failures.size() > limits.failures)
    failures.erase(failures.begin(), failures.end() - static_cast<std::ptrdiff_t>(limits.failures));
}

void FailedLogins::forget(const Caller& caller) {
  const auto network = networks_.find(caller.network);
  if (network == networks_.end()) return;
  // What many are counted in together is not one's to clear.
  const auto user = network->second.users.find(key_of(caller));
  if (user != network->second.users.end()) network->second.users.erase(user);
}

const FailedLogins::Failures& FailedLogins::of(const Caller& caller) const {
  static const Failures none;
  const auto network = networks_.find(caller.network);
  if (network == networks_.end()) return none;
  const auto user = network->second.users.find(key_of(caller));
  if (user != network->second.users.end()) return user->second;
  return network->second.users.size() < users_most ? none : network->second.others;
}

}  // namespace sampan::accounts
