#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sampan::cli {

/// A row of help: `first`, and `text` from `column` on, over as many lines as it needs. None is longer than
/// 79 columns, as a terminal has 80.
std::string two_columns(std::string first, std::size_t column, std::string_view text);

}  // namespace sampan::cli
