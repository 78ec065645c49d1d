#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "net/tls.h"

namespace sampan::net {

/// Deletes OpenSSL's objects: `OpenSsl<SSL_CTX>`.
struct OpenSslDeleter {
  void operator()(SSL_CTX* object) const { SSL_CTX_free(object); }
  void operator()(SSL* object) const { SSL_free(object); }
  void operator()(X509* object) const { X509_free(object); }
  void operator()(EVP_PKEY* object) const { EVP_PKEY_free(object); }
  void operator()(BIO* object) const { BIO_free_all(object); }
  void operator()(BIO_METHOD* object) const { BIO_meth_free(object); }
  void operator()(X509_EXTENSION* object) const { X509_EXTENSION_free(object); }
};
template <class Object>
using OpenSsl = std::unique_ptr<Object, OpenSslDeleter>;

struct TlsServerContext::State {
  OpenSsl<SSL_CTX> context;
  std::string key_hash;
  std::string alpn;  ///< as the wire has it: a length byte before the name
};

/// TLS 1.3 alone, no tickets, buffers given back between records.
OpenSsl<SSL_CTX> make_tls_context(const SSL_METHOD* method);
/// "\x08sampan/1": RFC 7301 section 3.1.
std::string alpn_list(const std::string& name);
/// SHA-256 of SubjectPublicKeyInfo, 32 raw bytes; empty for none.
std::string key_hash_of(X509* certificate);
/// The oldest reason in OpenSSL's queue, which is then empty.
std::string take_tls_error();

}  // namespace sampan::net
