#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sampan::cli {

/// A place on the server as the person at the terminal means it: absolute, "." and ".." resolved by their
/// letters alone, never above "/". What it names, and whether it may be seen, is the server's to say.
class RemotePath {
 public:
  /// The home.
  RemotePath() = default;

  /// `text` seen from here: "/x" from the home, "x" from this directory, ".." the way up (at "/" it stays).
  /// invalid where empty, with NUL, or longer than the protocol can say.
  Result<RemotePath> join(std::string_view text) const;

  /// join() for a name that is to be made, moved or removed: also invalid where the last part is "." or "..",
  /// or there is no part at all.
  Result<RemotePath> join_entry(std::string_view text) const;

  /// The entry `name` of this directory; `name` is one that a directory listing gave.
  RemotePath child(std::string_view name) const;

  /// "/reports/a.txt"; "/" for the home.
  const std::string& text() const { return text_; }
  /// The last part; empty for the home.
  std::string_view name() const;
  RemotePath parent() const;

  bool operator==(const RemotePath&) const = default;

 private:
  std::string text_ = "/";
};

}  // namespace sampan::cli
