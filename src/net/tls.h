#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "net/byte_stream.h"

namespace sampan::net {

/// A server's key and certificate, ready to be used for any number of connections; TLS 1.3 only. Immutable
/// and thread-safe: to change the pair, make another and use that for new connections.
class TlsServerContext {
 public:
  /// From PEM files. not_found, denied, invalid (not PEM, key and certificate do not belong together).
  static Result<TlsServerContext> load(const std::string& certificate_file, const std::string& key_file,
                                       const std::string& alpn);
  /// Writes a fresh P-256 key (mode 0600) and a self-signed certificate of ten years to two new files,
  /// atomically and synced.
  static Result<> make_pair(const std::string& certificate_file, const std::string& key_file,
                            const std::string& common_name);

  /// SHA-256 of the public key, 32 raw bytes: what clients pin.
  const std::string& key_hash() const;

  struct State;
  const std::shared_ptr<State>& state() const { return state_; }

 private:
  explicit TlsServerContext(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

/// Wraps an accepted connection in its place and shakes hands. Refuses anything but TLS 1.3 and the context's
/// ALPN. Throws StreamError. From the call on `stream` is the TLS stream, which owns the raw one, so that
/// whoever holds it can abort the handshake as well.
Task<> accept_tls(std::unique_ptr<ByteStream>& stream, TlsServerContext context);

/// Wraps an outgoing connection and shakes hands. Checks no certificate chain: the caller compares peer_key()
/// with the key that it pinned, before it sends anything. Throws StreamError.
Task<std::unique_ptr<ByteStream>> connect_tls(std::unique_ptr<ByteStream> raw, std::string alpn,
                                              std::string server_name);

/// "SHA256:" and base64 without padding, as ssh prints key hashes.
std::string format_key_hash(const std::string& key_hash);

}  // namespace sampan::net
