#include "net/tls_context.h"

#include <array>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/random.h"
#include "base/system_error.h"
#include "base/unique_fd.h"

namespace sampan::net {
namespace {

constexpr long validity_seconds = 10L * 365 * 24 * 3600;

int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                unsigned in_size, void* wanted) {
  const auto& list = *static_cast<const std::string*>(wanted);
  unsigned char* selected = nullptr;
  const int found =
      SSL_select_next_proto(&selected, out_size, reinterpret_cast<const unsigned char*>(list.data()),
                            static_cast<unsigned>(list.size()), in, in_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

std::string pem_text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

// Aside, synced, renamed: a key that is half written must never be found at the next start.
Result<> write_private(const std::string& file, const std::string& text) {
  const std::string fresh = file + ".new";
  const UniqueFd fd(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail(system_error(errno, "create " + file));
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      fsync(fd.get()) != 0)
    return fail(system_error(errno, "write " + file));
  if (rename(fresh.c_str(), file.c_str()) != 0) return fail(system_error(errno, "rename " + file));
  return {};
}

OpenSsl<X509> self_signed(EVP_PKEY* key, const std::string& common_name) {
  OpenSsl<X509> certificate(X509_new());
  std::array<std::byte, 8> serial;
  fill_random(serial);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), load_le64(serial) >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), validity_seconds);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const std::string alternative = "DNS:" + common_name;
  const OpenSsl<X509_EXTENSION> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative.c_str()));
  if (extension) X509_add_ext(certificate.get(), extension.get(), -1);
  if (X509_sign(certificate.get(), key, EVP_sha256()) == 0) return nullptr;
  return certificate;
}

Result<> readable(const std::string& file) {
  const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail(system_error(errno, "open").code(), file);
  return {};
}

}  // namespace

std::string take_tls_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

std::string alpn_list(const std::string& name) {
  return std::string(1, static_cast<char>(name.size())) + name;
}

OpenSsl<SSL_CTX> make_tls_context(const SSL_METHOD* method) {
  OpenSsl<SSL_CTX> context(SSL_CTX_new(method));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context.get(),
                           "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

std::string key_hash_of(X509* certificate) {
  if (certificate == nullptr) return {};
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(X509_get0_pubkey(certificate), &der);
  if (size <= 0) return {};
  std::string hash(32, '\0');
  EVP_Digest(der, static_cast<std::size_t>(size), reinterpret_cast<unsigned char*>(hash.data()), nullptr,
             EVP_sha256(), nullptr);
  OPENSSL_free(der);
  return hash;
}

Result<TlsServerContext> TlsServerContext::load(const std::string& certificate_file,
                                                const std::string& key_file, const std::string& alpn) {
  for (const std::string& file : {certificate_file, key_file})
    if (auto there = readable(file); !there) return fail(there.error());
  auto state = std::make_shared<State>();
  state->context = make_tls_context(TLS_server_method());
  state->alpn = alpn_list(alpn);
  SSL_CTX* context = state->context.get();
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1)
    return fail(ErrorCode::invalid, certificate_file + ": " + take_tls_error());
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail(ErrorCode::invalid, key_file + ": " + take_tls_error());
  if (SSL_CTX_check_private_key(context) != 1)
    return fail(ErrorCode::invalid,
                key_file + " is not the key of " + certificate_file + ": " + take_tls_error());
  SSL_CTX_set_alpn_select_cb(context, select_alpn, &state->alpn);
  state->key_hash = key_hash_of(SSL_CTX_get0_certificate(context));
  return TlsServerContext(std::move(state));
}

const std::string& TlsServerContext::key_hash() const {
  return state_->key_hash;
}

Result<> TlsServerContext::make_pair(const std::string& certificate_file, const std::string& key_file,
                                     const std::string& common_name) {
  const OpenSsl<EVP_PKEY> key(EVP_EC_gen("P-256"));
  if (!key) return fail(ErrorCode::io_error, "no key can be made: " + take_tls_error());
  const OpenSsl<X509> certificate = self_signed(key.get(), common_name);
  if (!certificate) return fail(ErrorCode::io_error, "no certificate can be made: " + take_tls_error());
  const OpenSsl<BIO> key_pem(BIO_new(BIO_s_mem()));
  const OpenSsl<BIO> certificate_pem(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PKCS8PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(certificate_pem.get(), certificate.get()) != 1)
    return fail(ErrorCode::io_error, take_tls_error());
  // The key last: a start that finds it finds its certificate too.
  if (auto written = write_private(certificate_file, pem_text(certificate_pem.get())); !written)
    return written;
  return write_private(key_file, pem_text(key_pem.get()));
}

std::string format_key_hash(const std::string& key_hash) {
  std::string text = encode_base64(as_bytes(key_hash));
  text.erase(text.find_last_not_of('=') + 1);
  return "SHA256:" + text;
}

}  // namespace sampan::net
