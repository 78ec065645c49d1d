#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "cli/item_results.h"
#include "cli/progress/progress.h"

namespace sampan::cli {

/// Runs one item's transfer and sees to it that its progress ends, and on its own line, before anything is
/// said of it. False where there is no point in going on with others: the connection is lost, or the person
/// said stop. Such an error says how to resume, and its code is the whole command's.
bool transfer(Progress& progress, const std::string& item, ItemResults& results,
              const std::function<Result<>()>& work);

}  // namespace sampan::cli
