#include "net/socket_address.h"

#include <gtest/gtest.h>

namespace sampan::net {
namespace {

std::string network_of(const std::string& host) {
  const auto addresses = addresses_of({host, 7267, ""}, true);
  return addresses ? addresses->front().network() : addresses.error().message();
}

TEST(SocketAddress, ANetworkIsWhatOneCustomerHas) {
  EXPECT_EQ(network_of("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(network_of("2001:db8:1:2:aaaa::1"), "2001:db8:1:2::/64");
  EXPECT_EQ(network_of("2001:db8:1:2:bbbb::2"), "2001:db8:1:2::/64");
  EXPECT_EQ(network_of("2001:db8:1:3::1"), "2001:db8:1:3::/64");
  EXPECT_EQ(network_of("::ffff:192.0.2.7"), "192.0.2.7") << "IPv4 by way of IPv6 is no second address";
  EXPECT_EQ(addresses_of({"", 0, "/tmp/socket"}, true)->front().network(), "unix");
}

}  // namespace
}  // namespace sampan::net
