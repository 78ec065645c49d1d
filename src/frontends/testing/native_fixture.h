#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "frontends/testing/house_in_memory.h"
#include "frontends/testing/native_peer.h"

namespace sampan::frontends::testing {

/// A server in memory and whoever talks to it.
class NativeTest : public ::testing::Test {
 protected:
  /// A server with other limits, in the place of the one that is there.
  void restart(const SessionLimits& limits) {
    house_.reset();
    house_ = std::make_unique<HouseInMemory>(loop_, limits);
  }
  NativePeer connect() { return {loop_, house_->connect()}; }
  NativePeer log_in(const std::string& name = "alice") {
    NativePeer peer = connect();
    const Answer answer = peer.log_in(name, HouseInMemory::right_password());
    EXPECT_TRUE(answer.ok()) << answer.text;
    return peer;
  }
  static storage::VirtualPath path(const std::string& text) {
    return storage::VirtualPath::parse(text).value();
  }
  storage::Usage used() const { return house_->home().used(); }
  /// The bytes of a stored file.
  std::string stored(const std::string& name) const {
    const auto file = house_->store().open(path(name));
    if (!file) return "(none)";
    std::string bytes((*file)->entry().size, '\0');
    EXPECT_TRUE((*file)->read(std::as_writable_bytes(std::span(bytes)), 0));
    return bytes;
  }

  static wire::native::Put put_of(const std::string& name, std::string_view bytes) {
    wire::native::Put put;
    put.path.bytes = name;
    put.digest = digest_of(as_bytes(bytes));
    put.mtime = {1'000'000'000, 5};
    return put;
  }
  template <class Message>
  static Message at(const std::string& name) {
    Message message;
    message.path.bytes = name;
    return message;
  }

  net::EventLoop loop_;
  std::unique_ptr<HouseInMemory> house_ = std::make_unique<HouseInMemory>(loop_);
};

}  // namespace sampan::frontends::testing
