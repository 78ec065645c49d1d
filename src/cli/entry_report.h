#pragma once

#include <string>
#include <vector>

#include "wire/native/message.h"

namespace sampan::cli {

using Entries = std::vector<wire::native::Entry>;

/// A name a line.
std::string entries_short(const Entries& entries);
/// "-rw-r--r--  1234  2026-11-24 08:15:00 +0100  name" a line; the time is this machine's local one.
std::string entries_long(const Entries& entries);
/// An array of {name,type,size,mtime,mode}.
std::string entries_json(const Entries& entries);

std::string stat_lines(const std::string& path, const wire::native::Entry& entry);
/// {path,name,type,size,mtime,mode}.
std::string stat_json(const std::string& path, const wire::native::Entry& entry);

/// "drwxr-xr-x".
std::string mode_text(const wire::native::Entry& entry);
/// In the local time zone, with its offset: "2026-11-24 08:15:00 +0100".
std::string local_time(const FileTime& time);

}  // namespace sampan::cli
