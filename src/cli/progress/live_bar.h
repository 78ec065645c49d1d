#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "cli/progress/progress_bar.h"

namespace sampan::cli {

/// A bar that also moves while nothing arrives, or while the transfer's own thread waits for a disk: it is
/// redrawn twice a second, so that it never shows the speed of a network that has gone silent.
class LiveBar final : public Progress {
 public:
  LiveBar(std::ostream& terminal, std::string path, Now now, ProgressBar::Columns columns)
      : bar_(terminal, std::move(path), std::move(now), std::move(columns)) {}
  ~LiveBar() override { stop(); }
  LiveBar(const LiveBar&) = delete;
  LiveBar& operator=(const LiveBar&) = delete;

  void begin(std::string_view name, std::uint64_t total, std::uint64_t done) override;
  void advance(std::uint64_t bytes) override;
  void give_way() override;

 private:
  void finish(const Error* failure) override;
  void keep_ticking(const std::stop_token& stop);
  void stop();

  std::mutex mutex_;  // of bar_
  std::condition_variable_any stopping_;
  ProgressBar bar_;
  std::jthread ticker_;
};

}  // namespace sampan::cli
