#pragma once

#include <memory>
#include <string>

#include "cli/console.h"
#include "client/progress.h"

namespace sampan::cli {

class Options;

/// A transfer's progress on the screen. Whatever happens, end() has its effect once: the code around a
/// transfer calls it for the cases in which the transfer itself did not come to it.
class Progress : public client::ProgressSink {
 public:
  /// Ends it if nobody has.
  void end(const Error* failure) final;
  /// Something else is to be said on the same terminal now: on a line of its own.
  virtual void give_way() {}

 protected:
  virtual void finish(const Error* failure) = 0;

 private:
  bool ended_ = false;
};

/// --progress auto|bar|json|none.
class ProgressOption {
 public:
  void configure(Options& options);
  /// `path` is what it is called: the path as it was typed.
  std::unique_ptr<Progress> make(Console& console, std::string path) const;

 private:
  std::string mode_ = "auto";
};

}  // namespace sampan::cli
