#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace sampan::s14_json_header {

/// The MD5 that the tutorial's header has a place for: it finds accidents, not forgeries. (The product's
/// digest is base/digest.h.)
class Md5 {
 public:
  Md5();
  ~Md5();
  void update(ByteView bytes);
  /// 32 hex digits. Once, at the end.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether a text can be one: 32 hex digits. The tutorial's own servers send "fdsaf2143254f".
bool is_md5(std::string_view text);

}  // namespace sampan::s14_json_header
