#pragma once

#include <boost/asio/awaitable.hpp>

namespace sampan::net {

/// A coroutine of the event loop. Awaited where it is called, it may take references; spawned (TaskGroup), it
/// takes values. House rule for g++ 12 (docs/decisions): inside a co_await expression only names, trivial
/// values and constructor-made values.
template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace sampan::net
