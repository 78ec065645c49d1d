#pragma once

#include <string>
#include <string_view>

namespace sampan {

/// Text that must not stay in memory (a password, a key): wiped when it goes. Never logged, never formatted;
/// moves, does not copy.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  Secret copy() const { return Secret(text_); }

 private:
  void wipe();
  std::string text_;
};

}  // namespace sampan
