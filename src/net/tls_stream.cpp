#include <cstring>
#include <optional>

#include <arpa/inet.h>
#include <openssl/err.h>

#include "net/buffer_pool.h"
#include "net/tls.h"
#include "net/tls_context.h"

namespace sampan::net {
namespace {

constexpr std::size_t record_max = 16 * 1024 + 512;  // what one SSL_write of at most 16 KiB can add

// Records on their way between OpenSSL and the raw stream, 256 KiB at a time; without buffers while there are
// none.
struct RecordBuffers {
  std::optional<PooledBuffer> in;
  std::size_t in_begin = 0;
  std::size_t in_end = 0;
  std::optional<PooledBuffer> out;
  std::size_t out_count = 0;

  int read(char* to, int room) {
    const std::size_t count = std::min(static_cast<std::size_t>(room), in_end - in_begin);
    if (count == 0) return -1;
    std::memcpy(to, in->bytes().data() + in_begin, count);
    in_begin += count;
    if (in_begin == in_end) {
      in_begin = in_end = 0;
      in.reset();
    }
    return static_cast<int>(count);
  }
  int write(const char* from, int count) {
    if (!out) out.emplace();
    const auto size = static_cast<std::size_t>(count);
    if (out_count + size > PooledBuffer::size) return -1;  // the stream makes room before it writes
    std::memcpy(out->bytes().data() + out_count, from, size);
    out_count += size;
    return count;
  }
};

RecordBuffers& buffers_of(BIO* bio) {
  return *static_cast<RecordBuffers*>(BIO_get_data(bio));
}

const BIO_METHOD* record_method() {
  static const OpenSsl<BIO_METHOD> method = [] {
    OpenSsl<BIO_METHOD> made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sampan records"));
    BIO_meth_set_read(made.get(), [](BIO* bio, char* to, int room) {
      BIO_clear_retry_flags(bio);
      const int got = buffers_of(bio).read(to, room);
      if (got < 0) BIO_set_retry_read(bio);
      return got;
    });
    BIO_meth_set_write(made.get(), [](BIO* bio, const char* from, int count) {
      BIO_clear_retry_flags(bio);
      const int put = buffers_of(bio).write(from, count);
      if (put < 0) BIO_set_retry_write(bio);
      return put;
    });
    BIO_meth_set_ctrl(
        made.get(), [](BIO*, int command, long, void*) -> long { return command == BIO_CTRL_FLUSH ? 1 : 0; });
    BIO_meth_set_create(made.get(), [](BIO* bio) {
      BIO_set_init(bio, 1);
      return 1;
    });
    return made;
  }();
  return method.get();
}

/// TLS 1.3 over another stream: OpenSSL computes, this moves the records in 256 KiB batches.
class TlsStream final : public ByteStream {
 public:
  TlsStream(std::unique_ptr<ByteStream> raw, SSL_CTX* context)
      : raw_(std::move(raw)), ssl_(SSL_new(context)) {
    BIO* bio = BIO_new(record_method());
    BIO_set_data(bio, &buffers_);
    SSL_set_bio(ssl_.get(), bio, bio);  // takes it over
  }

  SSL* ssl() { return ssl_.get(); }

  Task<> shake_hands() {
    for (;;) {
      ERR_clear_error();
      const int status = SSL_do_handshake(ssl_.get());
      if (status == 1) break;
      if (SSL_get_error(ssl_.get(), status) != SSL_ERROR_WANT_READ) {
        const Error refused(ErrorCode::bad_request, "TLS handshake failed: " + take_tls_error());
        co_await flush();  // the alert that says why
        throw StreamError(refused);
      }
      co_await fill();
    }
    co_await flush();
  }

  Task<std::size_t> read_some(ByteSpan room) override {
    std::size_t total = 0;
    for (;;) {
      std::size_t got = 0;
      ERR_clear_error();
      const int status = SSL_read_ex(ssl_.get(), room.data() + total, room.size() - total, &got);
      total += got;
      if (status == 1) {
        if (total == room.size() || (buffers_.in_begin == buffers_.in_end && SSL_pending(ssl_.get()) == 0))
          co_return total;
        continue;
      }
      if (total != 0) co_return total;
      const int error = SSL_get_error(ssl_.get(), status);
      if (error == SSL_ERROR_ZERO_RETURN) co_return 0;
      if (error != SSL_ERROR_WANT_READ) {
        const Error broken(ErrorCode::bad_request, "TLS: " + take_tls_error());
        throw StreamError(broken);
      }
      co_await fill();
    }
  }

  std::size_t read_now(ByteSpan room) override {
    std::size_t total = 0;
    while (total < room.size()) {
      std::size_t got = 0;
      ERR_clear_error();
      const int status = SSL_read_ex(ssl_.get(), room.data() + total, room.size() - total, &got);
      total += got;
      if (status == 1) continue;
      if (SSL_get_error(ssl_.get(), status) != SSL_ERROR_WANT_READ || !fill_now()) break;
    }
    return total;
  }

  Task<> wait_readable() override {
    if (buffers_.in_begin != buffers_.in_end || SSL_pending(ssl_.get()) > 0) co_return;
    co_await flush();
    co_await raw_->wait_readable();
  }

  Task<> write(ByteView bytes) override {
    while (!bytes.empty()) {
      if (buffers_.out_count + record_max > PooledBuffer::size) co_await flush();
      const std::size_t piece = std::min<std::size_t>(bytes.size(), 16 * 1024);
      std::size_t taken = 0;
      ERR_clear_error();
      if (SSL_write_ex(ssl_.get(), bytes.data(), piece, &taken) != 1) {
        const Error broken(ErrorCode::connection_lost, "TLS: " + take_tls_error());
        throw StreamError(broken);
      }
      bytes = bytes.subspan(taken);
    }
  }

  Task<> flush() override {
    if (buffers_.out_count != 0) {
      co_await raw_->write(buffers_.out->bytes().first(buffers_.out_count));
      buffers_.out_count = 0;
    }
    buffers_.out.reset();
    co_await raw_->flush();
  }

  Task<> finish() override {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    co_await flush();
    co_await raw_->finish();
  }

  void abort(Error why) noexcept override { raw_->abort(std::move(why)); }
  void set_timeout(std::chrono::milliseconds limit) override { raw_->set_timeout(limit); }
  std::chrono::microseconds round_trip() const override { return raw_->round_trip(); }
  bool loses_packets() const override { return raw_->loses_packets(); }
  std::string peer_address() const override { return raw_->peer_address(); }
  std::string peer_network() const override { return raw_->peer_network(); }

  std::string channel_binding() const override {
    constexpr std::string_view label = "EXPORTER-Channel-Binding";  // RFC 9266 section 2
    std::string binding(32, '\0');
    const int made = SSL_export_keying_material(ssl_.get(), reinterpret_cast<unsigned char*>(binding.data()),
                                                binding.size(), label.data(), label.size(), nullptr, 0, 1);
    return made == 1 ? binding : std::string();
  }

  std::string peer_key() const override { return key_hash_of(SSL_get0_peer_certificate(ssl_.get())); }

 private:
  // The next batch of records; what we have to say goes first, or both sides would wait.
  Task<> fill() {
    co_await flush();
    co_await raw_->wait_readable();
    buffers_.in.emplace();
    buffers_.in_begin = 0;
    buffers_.in_end = co_await raw_->read_some(buffers_.in->bytes());
    if (buffers_.in_end != 0) co_return;
    buffers_.in.reset();
    throw StreamError(ErrorCode::connection_lost);  // without close_notify: cut, not ended
  }

  bool fill_now() {
    buffers_.in.emplace();
    buffers_.in_begin = 0;
    buffers_.in_end = raw_->read_now(buffers_.in->bytes());
    if (buffers_.in_end == 0) buffers_.in.reset();
    return buffers_.in_end != 0;
  }

  std::unique_ptr<ByteStream> raw_;
  RecordBuffers buffers_;
  OpenSsl<SSL> ssl_;
};

bool is_name(const std::string& host) {
  in6_addr ignored{};
  return !host.empty() && inet_pton(AF_INET, host.c_str(), &ignored) != 1 &&
         inet_pton(AF_INET6, host.c_str(), &ignored) != 1;
}

}  // namespace

Task<> accept_tls(std::unique_ptr<ByteStream>& stream, TlsServerContext context) {
  auto wrapped = std::make_unique<TlsStream>(std::move(stream), context.state()->context.get());
  TlsStream& tls = *wrapped;
  stream = std::move(wrapped);
  SSL_set_accept_state(tls.ssl());
  co_await tls.shake_hands();
  const unsigned char* selected = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls.ssl(), &selected, &size);
  if (size == 0) {
    const Error refused(ErrorCode::bad_request, "the client named no application protocol (ALPN)");
    throw StreamError(refused);
  }
}

Task<std::unique_ptr<ByteStream>> connect_tls(std::unique_ptr<ByteStream> raw, std::string alpn,
                                              std::string server_name) {
  const OpenSsl<SSL_CTX> context = make_tls_context(TLS_client_method());
  auto stream = std::make_unique<TlsStream>(std::move(raw), context.get());  // SSL keeps the context
  SSL_set_connect_state(stream->ssl());
  SSL_set_verify(stream->ssl(), SSL_VERIFY_NONE, nullptr);
  const std::string list = alpn_list(alpn);
  SSL_set_alpn_protos(stream->ssl(), reinterpret_cast<const unsigned char*>(list.data()),
                      static_cast<unsigned>(list.size()));
  if (is_name(server_name)) SSL_set_tlsext_host_name(stream->ssl(), server_name.c_str());
  co_await stream->shake_hands();
  const unsigned char* selected = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(stream->ssl(), &selected, &size);
  if (std::string_view(reinterpret_cast<const char*>(selected), size) != alpn) {
    const Error refused(ErrorCode::bad_request, "the server does not speak " + alpn);
    throw StreamError(refused);
  }
  co_return stream;
}

}  // namespace sampan::net
