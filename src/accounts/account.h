#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sampan::accounts {

/// Who may log in, and with what limits. A value; the store hands out copies.
struct Account {
  std::string name;                        ///< UTF-8, a valid file name: see check_name
  std::optional<std::uint64_t> quota;      ///< bytes; none: no limit
  std::optional<std::uint64_t> max_files;  ///< files and directories; none: see entry_limit
  bool enabled = true;
  /// Changes whenever the password does, and is never used again, not even by another account of that name: a
  /// session whose login was with an earlier one ends at its next request. The store gives it.
  std::int64_t credential_version = 0;

  /// How many files and directories it may keep. Where max_files does not say, the quota does: an entry for
  /// each block of 4 KiB, and 1,024 at least. So a quota bounds what empty files cost the disk, too. None: no
  /// limit.
  std::optional<std::uint64_t> entry_limit() const;

  bool operator==(const Account&) const = default;
};

/// invalid unless `name` is 1..128 bytes of UTF-8 without "/", NUL or control characters, does not begin with
/// "." or "-" and neither begins nor ends with a space: it becomes the name of a directory, and is typed in
/// commands and URLs. Also invalid where a login could not carry it as it is: what SASLprep (RFC 4013) would
/// spell otherwise, and characters newer than Unicode 3.2.
Result<> check_name(std::string_view name);

}  // namespace sampan::accounts
