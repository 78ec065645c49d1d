#pragma once

#include <string>

#include "wire/native/message.h"

namespace sampan::cli {

/// A line a figure, for people; bytes exactly too.
std::string quota_lines(const wire::native::QuotaReply& quota);
/// {used,limit,free,files,max_files}; no limit is null.
std::string quota_json(const wire::native::QuotaReply& quota);

}  // namespace sampan::cli
