#pragma once

#include <chrono>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "net/task.h"

namespace sampan::net {

/// A broken world: the peer vanished, a deadline passed, the process is going down. Thrown by everything in
/// net; ends the session, whose one catch logs it. Its error is connection_lost, timed_out, wrong_peer,
/// bad_request or interrupted.
class StreamError : public std::exception {
 public:
  explicit StreamError(Error error) : error_(std::move(error)), text_(error_.message()) {}
  const Error& error() const { return error_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  Error error_;
  std::string text_;
};

/// A connection: an ordered stream of bytes each way, without meaning: TCP, a UNIX socket, TLS, two ends in
/// memory. All calls on its loop's thread, one at a time: reading may send what was gathered. Without TLS one
/// may also read while another writes, if the writer flushes all that it writes.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// At least one byte, at most room.size(); 0 once the peer has ended its direction in order (with TLS:
  /// close_notify; a bare FIN throws). Before it waits it sends what write() has gathered. Throws
  /// StreamError.
  virtual Task<std::size_t> read_some(ByteSpan room) = 0;

  /// What has arrived by now, without waiting; 0 where nothing has, and where only read_some() can say why
  /// nothing will.
  virtual std::size_t read_now(ByteSpan room) = 0;

  /// Waits, without a buffer, until read_some() has something to say (bytes, the end, an error); sends what
  /// is gathered first.
  virtual Task<> wait_readable() = 0;

  /// Takes all of `bytes`; they may be gathered (up to 256 KiB) until flush(), a full buffer or the next
  /// read_some() that has to wait. Throws StreamError.
  virtual Task<> write(ByteView bytes) = 0;
  virtual Task<> flush() = 0;

  /// Sends what is gathered and ends our direction in order. Throws StreamError.
  virtual Task<> finish() = 0;

  /// Ends everything now; whoever waits in read_some or write gets `why` thrown. Any number of times; the
  /// first reason stands.
  virtual void abort(Error why) noexcept = 0;

  /// How long one wait for the peer may last, in either direction, before it throws timed_out. Default: no
  /// limit.
  virtual void set_timeout(std::chrono::milliseconds limit) = 0;

  /// The shortest way there and back on the wire that the system has measured, however busy either program
  /// is; zero where none lies between (a UNIX socket, memory) and where it is not known.
  virtual std::chrono::microseconds round_trip() const = 0;

  /// Whether so many packets get lost on the way, in either direction, that a single connection stays below
  /// what the line carries. False where the system does not know.
  virtual bool loses_packets() const = 0;

  /// RFC 9266 tls-exporter, 32 bytes; empty on a stream without TLS.
  virtual std::string channel_binding() const { return {}; }
  /// SHA-256 of the peer's public key (SubjectPublicKeyInfo), 32 bytes; empty where the peer showed none.
  virtual std::string peer_key() const { return {}; }
  /// "127.0.0.1:40112", "unix": for logs.
  virtual std::string peer_address() const = 0;
  /// What one peer has of the net, for limits: its IPv4 address, the first 64 bits of its IPv6 address
  /// ("2001:db8:1:2::/64", what a provider gives to one customer), "unix"; empty where there is none.
  virtual std::string peer_network() const = 0;
};

}  // namespace sampan::net
