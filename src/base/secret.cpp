#include "base/secret.h"

#include <cstring>
#include <utility>

namespace sampan {

Secret::Secret(Secret&& other) noexcept : text_(other.text_) {
  other.wipe();
}  // a copy: short strings do not move

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    text_ = other.text_;
    other.wipe();
  }
  return *this;
}

Secret::~Secret() {
  wipe();
}

void Secret::wipe() {
  explicit_bzero(text_.data(), text_.size());
  text_.clear();
}

}  // namespace sampan
