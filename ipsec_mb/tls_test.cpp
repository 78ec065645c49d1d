// libssl with the module on one side of a connection in memory, on the other, on both.

#include <algorithm>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "ipsec_mb/testing/evp_gcm.h"

namespace sampan::ipsec_mb {
namespace {

struct TlsDeleter {
  void operator()(SSL_CTX* object) const { SSL_CTX_free(object); }
  void operator()(SSL* object) const { SSL_free(object); }
  void operator()(X509* object) const { X509_free(object); }
  void operator()(EVP_PKEY* object) const { EVP_PKEY_free(object); }
};
template <class Object>
using Tls = std::unique_ptr<Object, TlsDeleter>;

struct Case {
  int version;
  const char* suite;
  bool server_is_ours;
  bool client_is_ours;
};

std::string name_of(const testing::TestParamInfo<Case>& info) {
  const auto side = [](bool is_ours) { return is_ours ? "Ours" : "Plain"; };
  return std::string(info.param.version == TLS1_3_VERSION ? "Tls13" : "Tls12") +
         (std::string(info.param.suite).find("128") != std::string::npos ? "Aes128" : "Aes256") + "Server" +
         side(info.param.server_is_ours) + "Client" + side(info.param.client_is_ours);
}

std::vector<Case> cases(std::initializer_list<int> versions) {
  std::vector<Case> all;
  for (const int version : versions)
    for (const bool is_server_ours : {true, false})
      for (const bool is_client_ours : {true, false})
        for (const bool is_long : {false, true}) {
          const char* const suite = version == TLS1_3_VERSION
                                        ? is_long ? "TLS_AES_256_GCM_SHA384" : "TLS_AES_128_GCM_SHA256"
                                    : is_long ? "ECDHE-ECDSA-AES256-GCM-SHA384"
                                              : "ECDHE-ECDSA-AES128-GCM-SHA256";
          all.push_back({version, suite, is_server_ours, is_client_ours});
        }
  return all;
}

class TlsTest : public testing::TestWithParam<Case> {
 protected:
  TlsTest()
      : server_context_(context(GetParam().server_is_ours, TLS_server_method())),
        client_context_(context(GetParam().client_is_ours, TLS_client_method())) {
    certify();
    server_.reset(SSL_new(server_context_.get()));
    client_.reset(SSL_new(client_context_.get()));
    BIO* up = BIO_new(BIO_s_mem());
    BIO* down = BIO_new(BIO_s_mem());
    BIO_up_ref(up);
    BIO_up_ref(down);
    SSL_set_bio(server_.get(), up, down);
    SSL_set_bio(client_.get(), down, up);
    SSL_set_accept_state(server_.get());
    SSL_set_connect_state(client_.get());
  }

  SSL* server() { return server_.get(); }
  SSL* client() { return client_.get(); }

  bool shake_hands() {
    for (int turn = 0; turn < 10; ++turn) {
      const bool client_done = SSL_do_handshake(client()) == 1;
      const bool server_done = SSL_do_handshake(server()) == 1;
      if (client_done && server_done) return true;
    }
    return false;
  }

  static Buffer receive(SSL* side, std::size_t size) {
    Buffer got(size);
    std::size_t total = 0;
    std::size_t count = 0;
    while (total < size && SSL_read_ex(side, &got[total], size - total, &count) == 1) total += count;
    got.resize(total);
    return got;
  }

 private:
  static Tls<SSL_CTX> context(bool is_ours, const SSL_METHOD* method) {
    Tls<SSL_CTX> made(SSL_CTX_new_ex(is_ours ? configured() : plain(), nullptr, method));
    SSL_CTX_set_min_proto_version(made.get(), GetParam().version);
    SSL_CTX_set_max_proto_version(made.get(), GetParam().version);
    EXPECT_EQ(GetParam().version == TLS1_3_VERSION ? SSL_CTX_set_ciphersuites(made.get(), GetParam().suite)
                                                   : SSL_CTX_set_cipher_list(made.get(), GetParam().suite),
              1);
    return made;
  }

  void certify() {
    OSSL_LIB_CTX* library = GetParam().server_is_ours ? configured() : plain();
    const Tls<EVP_PKEY> key(EVP_PKEY_Q_keygen(library, nullptr, "EC", "P-256"));
    const Tls<X509> certificate(X509_new_ex(library, nullptr));
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    ASSERT_NE(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
    ASSERT_EQ(SSL_CTX_use_certificate(server_context_.get(), certificate.get()), 1);
    ASSERT_EQ(SSL_CTX_use_PrivateKey(server_context_.get(), key.get()), 1);
  }

  Tls<SSL_CTX> server_context_;
  Tls<SSL_CTX> client_context_;
  Tls<SSL> server_;
  Tls<SSL> client_;
};

class Tls13Test : public TlsTest {};

INSTANTIATE_TEST_SUITE_P(With, TlsTest, testing::ValuesIn(cases({TLS1_2_VERSION, TLS1_3_VERSION})), name_of);
INSTANTIATE_TEST_SUITE_P(With, Tls13Test, testing::ValuesIn(cases({TLS1_3_VERSION})), name_of);

TEST_P(TlsTest, AMebibyteEachWay) {
  ASSERT_TRUE(shake_hands());
  ASSERT_STREQ(SSL_CIPHER_get_name(SSL_get_current_cipher(client())), GetParam().suite);
  Chance chance(7);
  for (SSL* from : {client(), server()}) {
    SSL* to = from == client() ? server() : client();
    for (const std::size_t size : {std::size_t{1}, std::size_t{1000}, std::size_t{1} << 20}) {
      const Buffer sent = chance.bytes(size);
      std::size_t count = 0;
      ASSERT_EQ(SSL_write_ex(from, sent.data(), size, &count), 1);
      ASSERT_EQ(count, size);
      ASSERT_EQ(receive(to, size), sent);
    }
  }
}

TEST_P(TlsTest, ARecordThatWasChangedEndsTheConnection) {
  ASSERT_TRUE(shake_hands());
  const Buffer sent(1000, 7);
  std::size_t count = 0;
  ASSERT_EQ(SSL_write_ex(client(), sent.data(), sent.size(), &count), 1);
  char* wire = nullptr;
  const long size = BIO_get_mem_data(SSL_get_wbio(client()), &wire);
  ASSERT_GT(size, 1000);
  wire[size - 500] ^= 1;
  EXPECT_TRUE(receive(server(), sent.size()).empty());
  EXPECT_EQ(ERR_GET_REASON(ERR_peek_last_error()), SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC);
  ERR_clear_error();
}

// What TLS 1.2 has no message for.
TEST_P(Tls13Test, NewKeysOnTheWay) {
  ASSERT_TRUE(shake_hands());
  for (std::uint8_t round = 1; round <= 3; ++round) {
    const Buffer sent(5000, round);
    std::size_t count = 0;
    ASSERT_EQ(SSL_key_update(client(), SSL_KEY_UPDATE_REQUESTED), 1);
    ASSERT_EQ(SSL_write_ex(client(), sent.data(), sent.size(), &count), 1);
    ASSERT_EQ(receive(server(), sent.size()), sent);
    ASSERT_EQ(SSL_write_ex(server(), sent.data(), sent.size(), &count), 1);
    ASSERT_EQ(receive(client(), sent.size()), sent);
  }
}

}  // namespace
}  // namespace sampan::ipsec_mb
