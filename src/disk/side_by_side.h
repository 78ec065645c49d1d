#pragma once

#include <cstddef>
#include <functional>

namespace sampan::disk {

// For what waits for a disk: disks make durable together what is asked of them together. The threads that
// help are one set for the whole process, at most sixteen, begun when they are first wanted; they may do what
// the thread that began them may. Whoever calls does its share, so nothing here waits for a thread to be
// free. From any thread; what is called must bear that too, and not throw.

/// Calls work(0) to work(count - 1), each once, and returns after the last; several at once where there are
/// many.
void side_by_side(std::size_t count, const std::function<void(std::size_t)>& work);

/// Calls both and returns after the last: `beside` on another thread where one is free in time, else
/// afterwards.
void at_once(const std::function<void()>& work, const std::function<void()>& beside);

}  // namespace sampan::disk
