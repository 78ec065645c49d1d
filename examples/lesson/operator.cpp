#include "lesson/operator.h"

#include <algorithm>

namespace sampan::lesson {

void Operator::arrived(const std::string& client) {
  clients_.try_emplace(client, 0);
}

bool Operator::heard(const std::string& client) {
  std::size_t& waiting = clients_[client];
  if (waiting >= waiting_of_one_max || waiting_.size() >= waiting_max) return false;
  ++waiting;
  waiting_.push_back(client);
  return true;
}

void Operator::left(const std::string& client) {
  if (clients_.erase(client) != 0) std::erase(waiting_, client);
}

Result<Operator::Answer> Operator::meant_by(std::string_view line) const {
  if (!line.starts_with('@')) {
    if (waiting_.empty())
      return fail(ErrorCode::not_found, "nobody waits for an answer; @ADDRESS text writes first");
    return Answer{waiting_.front(), std::string(line)};
  }
  const std::size_t space = std::min(line.find(' '), line.size());
  const std::string client(line.substr(1, space - 1));
  if (!clients_.contains(client)) return fail(ErrorCode::not_found, "no client has the address " + client);
  return Answer{client, std::string(line.substr(std::min(space + 1, line.size())))};
}

void Operator::answered(const Answer& answer) {
  const auto message = std::ranges::find(waiting_, answer.client);
  if (message == waiting_.end()) return;
  waiting_.erase(message);
  --clients_[answer.client];
}

}  // namespace sampan::lesson
