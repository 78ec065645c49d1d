#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/console.h"

namespace sampan::cli {

/// The exit code of a command over items: 0 where all went well, the error's own where one item was asked
/// for, 1 where some of several failed. Each failure is named as it happens.
class ItemResults {
 public:
  ItemResults(Console& console, std::string_view command, std::size_t asked)
      : console_(console), command_(command), asked_(asked) {}

  void failed(std::string_view item, const Error& error) {
    const int code = console_.fail(command_, item, error);
    code_ = asked_ > 1 ? some_failed : code;
  }
  /// One of the many that an item (a directory) is made of.
  void failed_within(std::string_view item, const Error& error) {
    console_.fail(command_, item, error);
    code_ = some_failed;
  }
  /// An error that ends the command, whatever was still to come.
  void ended(std::string_view item, const Error& error) { code_ = console_.fail(command_, item, error); }

  int exit_code() const { return code_; }

 private:
  static constexpr int some_failed = 1;

  Console& console_;
  std::string command_;
  std::size_t asked_;
  int code_ = 0;
};

}  // namespace sampan::cli
