#pragma once

#include <string>
#include <string_view>

namespace sampan::cli {

/// The last name of a local path: "a.txt" of "dir/a.txt", "dir" of "dir/"; empty where it has none of its own
/// (".", "..", "/").
std::string local_name(std::string_view path);

}  // namespace sampan::cli
