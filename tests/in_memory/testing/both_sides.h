#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"
#include "client/connection.h"
#include "client/progress.h"
#include "frontends/testing/house_in_memory.h"

namespace sampan::tests {

/// Keeps what it was told.
struct RecordedProgress final : client::ProgressSink {
  void begin(std::string_view, std::uint64_t of, std::uint64_t at) override {
    ++begun;
    total = of;
    resumed_at = done = at;
  }
  void advance(std::uint64_t bytes) override { done += bytes; }
  void end(const Error* failure) override {
    ended = true;
    failed = failure != nullptr ? std::optional(failure->code()) : std::nullopt;
  }

  int begun = 0;
  std::uint64_t total = 0;
  std::uint64_t resumed_at = 0;
  std::uint64_t done = 0;
  bool ended = false;
  std::optional<ErrorCode> failed;
};

/// The client's library and the server's frontend in one process, with a line in memory between them; on a
/// real disk are only the client's own files.
class BothSides : public ::testing::Test {
 protected:
  using Line = net::testing::Line;

  BothSides() { std::filesystem::create_directory(here("")); }

  /// alice, logged in.
  std::unique_ptr<client::Connection> connect() { return connect({}); }
  std::unique_ptr<client::Connection> connect(const Line& line) {
    return connect(line, frontends::testing::HouseInMemory::right_password());
  }
  std::unique_ptr<client::Connection> connect(const Line& line,
                                              login::ScramClient::SaltedPasswordOf salted_password) {
    const auto trust = [this](const std::string& fingerprint) {
      shown_ = fingerprint;
      return trust_;
    };
    const auto dial = [this, line, more = 0]() mutable { return dial_over(more++ == 0 ? line : beside_); };
    return loop_.run(client::Connection::through(dial, address_, known_, trust, std::move(salted_password)));
  }
  net::Task<std::unique_ptr<net::ByteStream>> dial_over(Line line) {
    ++dialled_;
    co_return house_.connect(line);
  }
  /// Says goodbye. Nothing depends on it: the server may be gone before it arrives.
  void leave(client::Connection& connection) {
    try {
      loop_.run(connection.close());
    } catch (const net::StreamError&) {
    }
  }
  /// Runs a conversation that may be cut; the code of what ended it, or nothing.
  template <class Talk>
  std::optional<ErrorCode> cut(Talk talk) {
    std::optional<ErrorCode> code;
    try {
      talk();
    } catch (const net::StreamError& error) {
      code = error.error().code();
    }
    house_.settle();
    return code;
  }

  /// The client's files.
  std::string here(const std::string& name) const { return folder_.path() + "/files/" + name; }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(here(name), std::ios::binary) << bytes;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(here(name), std::ios::binary);
    if (!file) return "(none)";
    std::string bytes(std::filesystem::file_size(here(name)), '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes;
  }
  static storage::VirtualPath path(const std::string& text) {
    return storage::VirtualPath::parse(text).value();
  }
  std::string stored(const std::string& name) {
    const auto file = house_.store().open(path(name));
    if (!file) return "(none)";
    std::string bytes((*file)->entry().size, '\0');
    EXPECT_TRUE((*file)->read(std::as_writable_bytes(std::span(bytes)), 0));
    return bytes;
  }
  /// Puts it there without the protocol.
  void store(const std::string& name, const std::string& bytes) {
    const storage::FilePlan plan = {path(name), bytes.size(), {1'000'000'000, 5}, 0640};
    auto upload = house_.home().begin_upload(plan).value();
    const std::size_t size = upload->chunk_size();
    for (std::size_t i = 0; i * size < bytes.size(); ++i)
      EXPECT_TRUE(upload->accept(i, as_bytes(std::string_view(bytes).substr(i * size, size)), std::nullopt));
    EXPECT_TRUE(upload->commit(digest_of(as_bytes(bytes))));
  }
  /// Different for each `seed`.
  static std::string bytes(std::size_t size, unsigned seed = 1) {
    std::string text(size, '\0');
    unsigned state = seed;
    for (char& byte : text) byte = static_cast<char>((state = state * 1'664'525U + 1'013'904'223U) >> 24);
    return text;
  }

  sampan::testing::TemporaryDirectory folder_;
  net::EventLoop loop_;
  frontends::testing::HouseInMemory house_{loop_};
  const client::ServerAddress address_ = client::parse_server_address("sampan://alice@memory").value();
  client::KnownHosts known_{folder_.path() + "/known"};
  Line beside_;  // the line of connections that a client opens beside its first
  int dialled_ = 0;
  Result<> trust_;
  std::string shown_;
};

}  // namespace sampan::tests
