#pragma once

#include <string>
#include <string_view>

namespace sampan::client {

/// Whether a name that a server gave can be the name of a file here: one name, and nothing that leads
/// elsewhere. Not empty, not "." or "..", no "/", no NUL, at most 255 bytes.
bool is_plain_name(std::string_view name);

/// `name` below `directory`, which is a path without a slash at its end, "/", or empty for where one stands.
std::string path_below(std::string_view directory, std::string_view name);

/// What comes before the last name of a path that path_below made: "/a" of "/a/b", "/" of "/a", "" of "a".
std::string parent_of(std::string_view path);

}  // namespace sampan::client
