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

/// One file's progress as a part of a whole tree's, which has begun before and ends later. A file that is
/// begun again tells only of what is beyond the attempt before.
class ItemProgress final : public ProgressSink {
 public:
  explicit ItemProgress(ProgressSink& whole) : whole_(whole) {}
  void begin(std::string_view, std::uint64_t, std::uint64_t done) override {
    at_ = 0;
    advance(done);
  }
  void advance(std::uint64_t bytes) override {
    at_ += bytes;
    if (at_ <= told_) return;
    whole_.advance(at_ - told_);
    told_ = at_;
  }
  void end(const Error*) override {}

 private:
  ProgressSink& whole_;
  std::uint64_t at_ = 0;
  std::uint64_t told_ = 0;
};

/// For whoever does not want to know.
class NoProgress final : public ProgressSink {
 public:
  void begin(std::string_view, std::uint64_t, std::uint64_t) override {}
  void advance(std::uint64_t) override {}
  void end(const Error*) override {}
};

}  // namespace sampan::client
