#include "net/unheard_failure.h"

#include "base/log.h"
#include "net/byte_stream.h"

namespace sampan::net {

void log_unheard(const std::exception_ptr& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const StreamError& error) {
    log::debug("{}", error.what());
  } catch (const std::exception& error) {
    log::error("{}", error.what());
  }
}

}  // namespace sampan::net
