#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sampan::s16_upload_classes {

/// The words of a command line as a shell finds them: white space separates, unless it is within '..' or ".."
/// or behind a backslash. invalid where a quote has no end.
Result<std::vector<std::string>> split_words(std::string_view line);

}  // namespace sampan::s16_upload_classes
