#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/datagram.h"
#include "net/rate_limit.h"

namespace sampan::s19 {

/// Answers one datagram; the server makes one for each that arrives. Python's BaseRequestHandler over UDP:
/// request is (datagram, server socket), client_address who sent it.
class RequestHandler {
 public:
  struct Request {
    std::string datagram;
    net::DatagramSocket& socket;
  };

  RequestHandler(Request request, const net::Route& client) : request_(std::move(request)), client_(client) {}
  virtual ~RequestHandler() = default;
  RequestHandler(const RequestHandler&) = delete;
  RequestHandler& operator=(const RequestHandler&) = delete;

  virtual void setup() {}
  /// While it waits, other handlers run. What it throws ends this handler alone.
  virtual net::Task<> handle() = 0;
  virtual void finish() {}

 protected:
  const Request& request() const { return request_; }
  const net::Route& client_address() const { return client_; }

 private:
  Request request_;
  net::Route client_;
};

/// Python's ThreadingUDPServer, with coroutines for threads. Its steps have the names that they have there:
/// serve_forever -> get_request -> verify_request -> process_request -> finish_request -> handle.
class UdpServer : public std::enable_shared_from_this<UdpServer> {
 public:
  using MakeHandler = std::function<std::unique_ptr<RequestHandler>(RequestHandler::Request request,
                                                                    const net::Route& client)>;

  /// Handlers that may run at the same time; a datagram beyond is lost, as any datagram may be.
  static constexpr std::size_t handlers_max = 1000;
  /// The longest request, in bytes; the rest of a longer one would be missing, so it is not served at all.
  static constexpr std::size_t request_max = 8192;

  UdpServer(net::EventLoop& loop, net::DatagramSocket socket, net::RateLimit limit, MakeHandler make_handler);

  const net::Endpoint& server_address() const { return socket_.endpoint(); }
  /// To be started on the loop. Owns the server, as each running handler does.
  static net::Task<> serve_forever(std::shared_ptr<UdpServer> self);

 private:
  net::Task<net::Datagram> get_request(ByteSpan room);
  bool verify_request(const net::Datagram& datagram);
  void process_request(const net::Datagram& datagram);
  static net::Task<> finish_request(std::shared_ptr<UdpServer> self, std::unique_ptr<RequestHandler> handler);

  net::EventLoop& loop_;
  net::DatagramSocket socket_;
  net::RateLimit limit_;
  MakeHandler make_handler_;
  std::size_t running_ = 0;
};

}  // namespace sampan::s19
