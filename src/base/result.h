#pragma once

#include <expected>

#include "base/error.h"

namespace sampan {

/// A value or the reason why there is none. The one place to change should std::expected not serve (g++ 12's
/// lacks and_then).
template <class T = void>
using Result = std::expected<T, Error>;

using Failure = std::unexpected<Error>;

/// `return fail(ErrorCode::not_found);` from a function that returns a Result.
inline Failure fail(Error error) {
  return Failure(std::move(error));
}
inline Failure fail(ErrorCode code, std::string detail) {
  return Failure(Error(code, std::move(detail)));
}

}  // namespace sampan
