#pragma once

#include <memory>
#include <string>

#include "storage/home.h"

namespace sampan::storage {

/// Where a frontend gets the home of a user that has logged in. Thread-safe; may block.
class HomeSource {
 public:
  virtual ~HomeSource() = default;
  /// `user` must be a valid account name. All who ask for the same user share one Home. denied where there is
  /// no home to enter: never another one instead. io_error.
  virtual Result<std::shared_ptr<Home>> open(const std::string& user) = 0;
};

}  // namespace sampan::storage
