#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sampan::client {

/// Who is told how a transfer goes. Called on the connection's loop. For one file: begin, advance.., end; a
/// tree begins once with its totals.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  /// `done` of `total` bytes need not be sent again: a resumed transfer starts there.
  virtual void begin(std::string_view name, std::uint64_t total, std::uint64_t done) = 0;
  /// Bytes that the other side has taken (upload) or that are written here (download).
  virtual void advance(std::uint64_t bytes) = 0;
  /// Done and verified, or why not (then `failure` is given). 100 % is true only from here on.
  virtual void end(const Error* failure) = 0;
};

/// Told of each item of a tree that failed; the others go on.
using OnFailed = std::function<void(const std::string& item, const Error& error)>;

/// One file's progress as a part of a whole tree's, which has begun before and ends later.
class ItemProgress final : public ProgressSink {
 public:
  explicit ItemProgress(ProgressSink& whole) : whole_(whole) {}
  void begin(std::string_view, std::uint64_t, std::uint64_t done) override { whole_.advance(done); }
  void advance(std::uint64_t bytes) override { whole_.advance(bytes); }
  void end(const Error*) override {}

 private:
  ProgressSink& whole_;
};

/// For whoever does not want to know.
class NoProgress final : public ProgressSink {
 public:
  void begin(std::string_view, std::uint64_t, std::uint64_t) override {}
  void advance(std::uint64_t) override {}
  void end(const Error*) override {}
};

}  // namespace sampan::client
