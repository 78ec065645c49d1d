#include "frontends/testing/native_peer.h"

#include <utility>
#include <vector>

#include "frontends/native/native_frontend.h"
#include "net/tls.h"
#include "wire/native/frame.h"

namespace sampan::frontends::testing {

namespace native = wire::native;

NativePeer::NativePeer(net::EventLoop& loop, std::unique_ptr<net::ByteStream> raw)
    : loop_(loop), stream_(loop.run(net::connect_tls(std::move(raw), native_alpn, "memory"))) {
  reader_ = std::make_unique<net::BufferedReader>(*stream_);
  greeting_ = native::decode_greeting(loop_.run(read_header())).value();
}

Answer NativePeer::log_in(const std::string& name, login::ScramClient::SaltedPasswordOf salted_password) {
  login::ScramClient scram(stream_->channel_binding(), name, std::move(salted_password));
  native::Auth first;
  first.mechanism = std::string(login::scram_mechanism);
  first.sasl = scram.step("").value();
  const Answer challenge = ask(first);
  if (!challenge.ok()) return challenge;
  const auto step = challenge.as<native::AuthStep>();
  const native::Kdf& kdf = step.kdf.value();
  scram.set_kdf({static_cast<std::uint32_t>(kdf.memory_kib), static_cast<std::uint32_t>(kdf.passes),
                 static_cast<std::uint32_t>(kdf.lanes)});
  native::Auth second;
  second.sasl = scram.step(step.sasl).value();
  Answer last = ask(second);
  if (!last.ok()) return last;
  if (!scram.step(last.as<native::AuthStep>().sasl) || !scram.done())
    throw net::StreamError(ErrorCode::wrong_peer);
  return last;
}

void NativePeer::send(const native::Operation& operation, std::string_view body) {
  native::Request request;
  request.id = next_id_++;
  request.body = body.size();
  request.operation = operation;
  send_bytes(native::encode_request(request) + std::string(body));
}

void NativePeer::send_bytes(std::string_view bytes) {
  loop_.run(write(std::string(bytes)));
}

Answer NativePeer::receive() {
  return loop_.run(read_answer());
}

std::optional<ErrorCode> NativePeer::end() {
  try {
    loop_.run(read_to_the_end());
  } catch (const net::StreamError& error) {
    return error.error().code();
  }
  return std::nullopt;
}

void NativePeer::vanish() {
  reader_.reset();
  stream_.reset();
}

net::Task<std::string> NativePeer::read_header() {
  const ByteView prefix = co_await reader_->peek(native::frame_prefix);
  if (prefix.size() < native::frame_prefix) throw net::StreamError(ErrorCode::connection_lost);
  const std::size_t whole = native::frame_prefix + native::decode_header_length(prefix).value();
  const ByteView frame = co_await reader_->peek(whole);
  if (frame.size() < whole) throw net::StreamError(ErrorCode::connection_lost);
  std::string header(as_text(frame.subspan(native::frame_prefix)));
  reader_->consume(whole);
  co_return header;
}

net::Task<Answer> NativePeer::read_answer() {
  Answer answer;
  do {
    answer.text = co_await read_header();
    answer.header = native::decode_reply_header(answer.text).value();
  } while (answer.header.working);
  std::vector<std::byte> body(answer.header.body);
  co_await reader_->read_exactly(body);
  answer.body = as_text(body);
  co_return answer;
}

net::Task<> NativePeer::write(std::string bytes) {
  co_await stream_->write(as_bytes(bytes));
  co_await stream_->flush();
}

net::Task<> NativePeer::read_to_the_end() {
  for (;;) {
    const ByteView next = co_await reader_->peek(1);
    if (next.empty()) co_return;
    reader_->consume(1);
  }
}

}  // namespace sampan::frontends::testing
