#include "client/lanes.h"

#include <algorithm>
#include <exception>
#include <set>

#include "net/task_group.h"

namespace sampan::client {
namespace {

constexpr std::size_t beside_first = 15;
// Less is through before they have logged in.
constexpr std::uint64_t worth_it = 8 * 1024 * 1024;

}  // namespace

struct Lanes::State {
  Work work;  // not called any more once `closed`
  bool closed = false;
  std::set<Connection*> connections;  // that are at work
  net::TaskGroup working;
  net::TaskGroup alone;  // what is being opened, or says goodbye: nobody waits for it
};

Lanes::Lanes(Connection& first, Work work) : first_(first), state_(std::make_shared<State>()) {
  state_->work = std::move(work);
}

Lanes::~Lanes() {
  state_->closed = true;
}

net::Task<> Lanes::run(net::Task<> on_first) {
  state_->closed = false;
  std::exception_ptr lost;
  try {
    co_await std::move(on_first);
  } catch (...) {
    lost = std::current_exception();
  }
  state_->closed = true;
  if (lost)
    for (Connection* connection : state_->connections) connection->abort(ErrorCode::interrupted);
  co_await state_->working.wait();
  if (lost) std::rethrow_exception(lost);
}

net::Task<> Lanes::widen(std::uint64_t bytes_left) {
  if (widened_ || bytes_left < worth_it || !first_.is_held_back()) co_return;
  widened_ = true;
  co_await open_more(beside_first);
}

net::Task<> Lanes::open_more(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) co_await state_->alone.start(open(state_, first_.open_another()));
}

std::size_t Lanes::pieces_each() const {
  return std::max<std::size_t>(1, first_.pieces_in_flight() / (state_->connections.size() + 1));
}

net::Task<> Lanes::open(std::shared_ptr<State> state, net::Task<std::unique_ptr<Connection>> opening) {
  const std::shared_ptr<Connection> connection = co_await std::move(opening);
  if (!state->closed) co_await state->working.start(serve(state, connection));
}

net::Task<> Lanes::serve(std::shared_ptr<State> state, std::shared_ptr<Connection> connection) {
  if (state->closed) co_return;
  struct AtWork {
    AtWork(State& its_state, Connection* its_connection) : state(its_state), connection(its_connection) {
      state.connections.insert(connection);
    }
    ~AtWork() { state.connections.erase(connection); }
    State& state;
    Connection* connection;
  };
  const AtWork at_work(*state, connection.get());
  co_await state->work(*connection);
  co_await state->alone.start(say_goodbye(connection));
}

net::Task<> Lanes::say_goodbye(std::shared_ptr<Connection> connection) {
  co_await connection->close();
}

}  // namespace sampan::client
