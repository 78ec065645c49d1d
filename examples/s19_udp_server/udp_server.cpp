#include "s19_udp_server/udp_server.h"

#include <vector>

#include "lesson/program.h"

namespace sampan::s19 {

UdpServer::UdpServer(net::EventLoop& loop, net::DatagramSocket socket, net::RateLimit limit,
                     MakeHandler make_handler)
    : loop_(loop),
      socket_(std::move(socket)),
      limit_(std::move(limit)),
      make_handler_(std::move(make_handler)) {}

net::Task<> UdpServer::serve_forever(std::shared_ptr<UdpServer> self) {
  std::vector<std::byte> room(request_max);
  for (;;) {
    const net::Datagram datagram = co_await self->get_request(room);
    if (self->verify_request(datagram)) self->process_request(datagram);
  }
}

net::Task<net::Datagram> UdpServer::get_request(ByteSpan room) {
  return socket_.receive(room);
}

bool UdpServer::verify_request(const net::Datagram& datagram) {
  return !datagram.is_cut() && running_ < handlers_max &&
         limit_.ask(datagram.route.peer) == net::RateLimit::Verdict::granted;
}

void UdpServer::process_request(const net::Datagram& datagram) {
  RequestHandler::Request request = {std::string(as_text(datagram.bytes)), socket_};
  loop_.start(finish_request(shared_from_this(), make_handler_(std::move(request), datagram.route)));
}

net::Task<> UdpServer::finish_request(std::shared_ptr<UdpServer> self,
                                      std::unique_ptr<RequestHandler> handler) {
  ++self->running_;
  handler->setup();
  try {
    co_await handler->handle();
  } catch (const std::exception& error) {
    lesson::complain(Error(ErrorCode::io_error, error.what()));
  }
  handler->finish();
  --self->running_;
}

}  // namespace sampan::s19
