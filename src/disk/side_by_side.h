#pragma once

#include <cstddef>
#include <functional>

namespace sampan::disk {

/// Calls work(0) to work(count - 1), each once, and returns after the last; several at once where there are
/// many. For what only waits: disks make durable together what is asked of them together. `work` must bear to
/// be called from several threads, and not throw.
void side_by_side(std::size_t count, const std::function<void(std::size_t)>& work);

/// Calls both and returns after the last: `beside` on a thread of its own, where the system gives one, else
/// after `work`. Neither may throw.
void at_once(const std::function<void()>& work, const std::function<void()>& beside);

}  // namespace sampan::disk
