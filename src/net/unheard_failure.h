#pragma once

#include <exception>

namespace sampan::net {

/// Logs what a coroutine threw that nobody awaits; nothing where it threw nothing.
void log_unheard(const std::exception_ptr& failure);

}  // namespace sampan::net
