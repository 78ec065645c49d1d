#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sampan::disk {

/// An extended attribute of an open file, at most 4 KiB; nothing where it has none. unsupported where the
/// file system keeps none.
Result<std::optional<std::string>> read_attribute(int fd, const char* name);
/// unsupported, denied, disk_full.
Result<> write_attribute(int fd, const char* name, std::string_view value);

}  // namespace sampan::disk
