// The module as OpenSSL loads it from the configuration file of the build, beside OpenSSL's own AES-GCM.

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include "ipsec_mb/testing/evp_gcm.h"

namespace sampan::ipsec_mb {
namespace {

constexpr std::size_t key_sizes[] = {16, 24, 32};
constexpr unsigned seed = 20261129;

std::string provider_of(OSSL_LIB_CTX* library, const std::string& name) {
  const auto cipher = fetch(library, name);
  return OSSL_PROVIDER_get0_name(EVP_CIPHER_get0_provider(cipher.get()));
}

int size_of(const Buffer& bytes) {
  return static_cast<int>(bytes.size());
}

/// A context of AES-128-GCM from the module.
class ProviderTest : public testing::Test {
 protected:
  ProviderTest() : cipher_(fetch(configured(), "AES-128-GCM")), context_(EVP_CIPHER_CTX_new()) {}
  ~ProviderTest() override { ERR_clear_error(); }

  EVP_CIPHER_CTX* context() { return context_.get(); }

  /// What is null stays as it was.
  bool begin(bool encrypting, const Buffer* key, const Buffer* iv) {
    const bool is_new = EVP_CIPHER_CTX_get0_cipher(context()) == nullptr;
    return EVP_CipherInit_ex2(context(), is_new ? cipher_.get() : nullptr, key ? key->data() : nullptr,
                              iv ? iv->data() : nullptr, encrypting ? 1 : 0, nullptr) == 1;
  }
  bool add_aad(const Buffer& aad) { return update(nullptr, aad); }
  bool update(std::uint8_t* out, const Buffer& in) {
    int done = 0;
    return EVP_CipherUpdate(context(), out, &done, in.data(), size_of(in)) == 1 && done == size_of(in);
  }
  bool finish() {
    int done = 0;
    return EVP_CipherFinal_ex(context(), nullptr, &done) == 1 && done == 0;
  }
  bool set_tag(Buffer tag) {
    return EVP_CIPHER_CTX_ctrl(context(), EVP_CTRL_AEAD_SET_TAG, size_of(tag), tag.data()) == 1;
  }
  Buffer tag(std::size_t size = 16) {
    Buffer made(size);
    if (EVP_CIPHER_CTX_ctrl(context(), EVP_CTRL_AEAD_GET_TAG, size_of(made), made.data()) != 1) made.clear();
    return made;
  }

  Chance chance_{seed};
  const Buffer key_ = chance_.bytes(16);
  const Buffer iv_ = chance_.bytes(12);
  const Buffer text_ = chance_.bytes(100);
  Buffer out_ = Buffer(100);

 private:
  Evp<EVP_CIPHER> cipher_;
  Evp<EVP_CIPHER_CTX> context_;
};

TEST_F(ProviderTest, ItIsPreferredForGcmAndForNothingElse) {
  for (const std::size_t size : key_sizes) EXPECT_EQ(provider_of(configured(), gcm_name(size)), "ipsec_mb");
  EXPECT_EQ(provider_of(configured(), "id-aes256-GCM"), "ipsec_mb");
  EXPECT_EQ(provider_of(configured(), "AES-128-CTR"), "default");
  EXPECT_EQ(provider_of(configured(), "ChaCha20-Poly1305"), "default");
  EXPECT_EQ(provider_of(plain(), "AES-128-GCM"), "default");
}

TEST_F(ProviderTest, WithoutTheModuleOpenSslDoesItItself) {
  std::ifstream original(IPSEC_MB_CONF);
  std::string text(std::istreambuf_iterator<char>(original), {});
  const auto at = text.find("ipsec_mb.so");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 11, "missing.so");
  const std::string file = testing::TempDir() + "ipsec_mb_missing_" + std::to_string(getpid()) + ".cnf";
  std::ofstream(file) << text;
  const Evp<OSSL_LIB_CTX> library(OSSL_LIB_CTX_new());
  OSSL_LIB_CTX_load_config(library.get(), file.c_str());
  std::remove(file.c_str());
  EXPECT_EQ(provider_of(library.get(), "AES-128-GCM"), "default");
}

std::set<std::string> names_of(const OSSL_PARAM* list) {
  std::set<std::string> names;
  for (; list->key != nullptr; ++list) names.insert(list->key);
  return names;
}

TEST_F(ProviderTest, ItLooksLikeOpenSslsOwn) {
  for (const std::size_t size : key_sizes) {
    const auto ours = fetch(configured(), gcm_name(size));
    const auto theirs = fetch(plain(), gcm_name(size));
    EXPECT_EQ(EVP_CIPHER_get_key_length(ours.get()), EVP_CIPHER_get_key_length(theirs.get()));
    EXPECT_EQ(EVP_CIPHER_get_iv_length(ours.get()), EVP_CIPHER_get_iv_length(theirs.get()));
    EXPECT_EQ(EVP_CIPHER_get_block_size(ours.get()), EVP_CIPHER_get_block_size(theirs.get()));
    EXPECT_EQ(EVP_CIPHER_get_mode(ours.get()), EVP_CIPHER_get_mode(theirs.get()));
    EXPECT_EQ(EVP_CIPHER_get_flags(ours.get()), EVP_CIPHER_get_flags(theirs.get()));
    EXPECT_EQ(EVP_CIPHER_get_nid(ours.get()), EVP_CIPHER_get_nid(theirs.get()));
    EXPECT_EQ(names_of(EVP_CIPHER_gettable_ctx_params(ours.get())),
              names_of(EVP_CIPHER_gettable_ctx_params(theirs.get())));
    EXPECT_EQ(names_of(EVP_CIPHER_settable_ctx_params(ours.get())),
              names_of(EVP_CIPHER_settable_ctx_params(theirs.get())));
    EXPECT_EQ(names_of(EVP_CIPHER_gettable_params(ours.get())),
              names_of(EVP_CIPHER_gettable_params(theirs.get())));
  }
}

TEST_F(ProviderTest, EachOpensWhatTheOtherSealed) {
  for (std::size_t round = 0; round < 600; ++round) {
    const Message message = chance_.message(key_sizes[round % 3], round % 4 ? 12 : 1 + chance_.up_to(127),
                                            round % 65, chance_.up_to(round % 20 ? 600 : 40'000));
    const Sealed ours = message.seal(configured());
    ASSERT_EQ(ours, message.seal(plain()));
    ASSERT_EQ(message.open(configured(), ours), message.text);
    ASSERT_EQ(message.open(plain(), ours), message.text);
  }
}

TEST_F(ProviderTest, WhatWasChangedIsRefused) {
  const Message message = chance_.message(32, 12, 13, 200);
  const Sealed good = message.seal(plain());
  ASSERT_TRUE(message.open(configured(), good));
  for (std::size_t bit = 0; bit < 128; ++bit) {
    Sealed forged = good;
    forged.tag[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_FALSE(message.open(configured(), forged)) << "bit " << bit << " of the tag";
  }
  for (std::size_t at = 0; at < 200; ++at) {
    Sealed forged = good;
    forged.secret[at] ^= 1;
    EXPECT_FALSE(message.open(configured(), forged)) << "byte " << at;
  }
  Message other = message;
  other.aad[5] ^= 1;
  EXPECT_FALSE(other.open(configured(), good)) << "AAD";
  other = message;
  other.aad.push_back(0);
  EXPECT_FALSE(other.open(configured(), good)) << "longer AAD";
  other = message;
  other.iv[0] ^= 1;
  EXPECT_FALSE(other.open(configured(), good)) << "IV";
  other = message;
  other.key[0] ^= 1;
  EXPECT_FALSE(other.open(configured(), good)) << "key";
}

TEST_F(ProviderTest, AShortTagIsComparedInItsLength) {
  const Message message = chance_.message(16, 12, 13, 200);
  for (std::size_t size = 1; size <= 16; ++size) {
    Sealed sealed = message.seal(plain());
    sealed.tag.resize(size);
    EXPECT_TRUE(message.open(configured(), sealed));
    sealed.tag.back() ^= 0x80;
    EXPECT_FALSE(message.open(configured(), sealed)) << size;
  }
  ASSERT_TRUE(begin(false, &key_, &iv_));
  EXPECT_FALSE(set_tag(Buffer(17)) || set_tag({}));
}

TEST_F(ProviderTest, WithoutATagNothingIsGenuine) {
  const Sealed sealed = Message{key_, iv_, {}, text_}.seal(plain());
  ASSERT_TRUE(begin(false, &key_, &iv_));
  EXPECT_TRUE(update(out_.data(), sealed.secret));
  EXPECT_FALSE(finish());
  EXPECT_TRUE(set_tag(sealed.tag));
  EXPECT_TRUE(finish());
  EXPECT_FALSE(finish()) << "once";
  ASSERT_TRUE(begin(false, nullptr, &iv_));
  EXPECT_TRUE(update(out_.data(), sealed.secret));
  EXPECT_FALSE(finish()) << "the tag of the message before";
}

TEST_F(ProviderTest, TheTagOfAnEncryptionIsThereAfterItsEnd) {
  ASSERT_TRUE(begin(true, &key_, &iv_));
  EXPECT_FALSE(set_tag(Buffer(16)));
  ASSERT_TRUE(update(out_.data(), text_));
  EXPECT_TRUE(tag().empty());
  ASSERT_TRUE(finish());
  const Buffer whole = Message{key_, iv_, {}, text_}.seal(plain()).tag;
  EXPECT_EQ(tag(), whole);
  EXPECT_EQ(tag(4), Buffer(whole.begin(), whole.begin() + 4));
  ASSERT_TRUE(begin(false, nullptr, &iv_));
  EXPECT_TRUE(tag().empty()) << "of a decryption there is none to be had";
}

TEST_F(ProviderTest, AnIvAloneKeepsTheKey) {
  ASSERT_TRUE(begin(true, &key_, nullptr));
  for (int record = 0; record < 20; ++record) {
    const Message message{key_, chance_.bytes(12), chance_.bytes(5), chance_.bytes(100)};
    const Sealed expected = message.seal(plain());
    ASSERT_TRUE(begin(true, nullptr, &message.iv) && add_aad(message.aad) &&
                update(out_.data(), message.text));
    ASSERT_TRUE(finish());
    EXPECT_EQ((Sealed{out_, tag()}), expected);
    ASSERT_TRUE(begin(false, nullptr, &message.iv) && set_tag(expected.tag) && add_aad(message.aad));
    ASSERT_TRUE(update(out_.data(), expected.secret) && finish());
    EXPECT_EQ(out_, message.text);
  }
}

TEST_F(ProviderTest, AnIvMayComeBeforeTheKey) {
  ASSERT_TRUE(begin(true, nullptr, &iv_));
  EXPECT_FALSE(update(out_.data(), text_)) << "no key";
  ASSERT_TRUE(begin(true, &key_, nullptr));
  ASSERT_TRUE(update(out_.data(), text_) && finish());
  EXPECT_EQ((Sealed{out_, tag()}), (Message{key_, iv_, {}, text_}.seal(plain())));
}

TEST_F(ProviderTest, AnIvServesOneMessage) {
  ASSERT_TRUE(begin(true, &key_, &iv_) && update(out_.data(), text_) && finish());
  EXPECT_FALSE(update(out_.data(), text_));
  EXPECT_FALSE(finish());
  ASSERT_TRUE(begin(true, &key_, nullptr));
  EXPECT_FALSE(update(out_.data(), text_)) << "the same key again is not another one";
  ASSERT_TRUE(begin(true, nullptr, &iv_) && update(out_.data(), text_));
  ASSERT_TRUE(begin(true, &key_, nullptr));
  EXPECT_FALSE(update(out_.data(), text_)) << "nor in the middle of a message";
  ASSERT_TRUE(begin(true, nullptr, &iv_) && update(out_.data(), text_));
  ASSERT_TRUE(begin(false, nullptr, nullptr));
  EXPECT_FALSE(update(out_.data(), text_)) << "nor in the other direction";
  ASSERT_TRUE(begin(true, nullptr, &iv_) && add_aad(text_) && begin(false, nullptr, nullptr));
  EXPECT_FALSE(update(out_.data(), text_)) << "though it was AAD only";
  ASSERT_TRUE(begin(true, nullptr, &iv_));
  ASSERT_EQ(EVP_CIPHER_CTX_ctrl(context(), EVP_CTRL_AEAD_SET_IVLEN, 16, nullptr), 1);
  EXPECT_FALSE(update(out_.data(), text_)) << "nor in another length";
}

TEST_F(ProviderTest, AnEncryptionWithoutAnIvGetsARandomOne) {
  std::set<Buffer> seen;
  for (int message = 0; message < 3; ++message) {
    EVP_CIPHER_CTX_reset(context());
    ASSERT_TRUE(begin(true, &key_, nullptr) && update(out_.data(), text_) && finish());
    Buffer iv(12);
    ASSERT_EQ(EVP_CIPHER_CTX_get_updated_iv(context(), iv.data(), iv.size()), 1);
    EXPECT_TRUE(seen.insert(iv).second);
    EXPECT_EQ((Message{key_, iv, {}, text_}.open(plain(), {out_, tag()})), text_);
  }
  EVP_CIPHER_CTX_reset(context());
  ASSERT_TRUE(begin(false, &key_, nullptr));
  EXPECT_FALSE(update(out_.data(), text_));
}

TEST_F(ProviderTest, AadComesBeforeTheText) {
  ASSERT_TRUE(begin(true, &key_, &iv_) && add_aad(text_) && update(out_.data(), text_));
  EXPECT_FALSE(add_aad(text_));
}

TEST_F(ProviderTest, LengthsOutOfBoundsAreRefused) {
  ASSERT_TRUE(begin(true, &key_, &iv_));
  EXPECT_EQ(EVP_CIPHER_CTX_ctrl(context(), EVP_CTRL_AEAD_SET_IVLEN, 0, nullptr), 0);
  EXPECT_EQ(EVP_CIPHER_CTX_ctrl(context(), EVP_CTRL_AEAD_SET_IVLEN, 129, nullptr), 0);
  Buffer iv(11);
  EXPECT_EQ(EVP_CIPHER_CTX_get_updated_iv(context(), iv.data(), iv.size()), 0);
}

TEST_F(ProviderTest, ACopyInTheMiddleGoesItsOwnWay) {
  const Message message{key_, iv_, chance_.bytes(21), text_};
  const Sealed expected = message.seal(plain());
  ASSERT_TRUE(begin(true, &key_, &iv_) && add_aad(message.aad));
  ASSERT_TRUE(update(out_.data(), {text_.begin(), text_.begin() + 33}));
  const Evp<EVP_CIPHER_CTX> copy(EVP_CIPHER_CTX_new());
  ASSERT_EQ(EVP_CIPHER_CTX_copy(copy.get(), context()), 1);
  const Buffer rest(text_.begin() + 33, text_.end());
  const auto is_expected = [&](EVP_CIPHER_CTX* end) {
    Buffer out(rest.size());
    Buffer made(16);
    int done = 0;
    return EVP_EncryptUpdate(end, out.data(), &done, rest.data(), size_of(rest)) == 1 &&
           EVP_EncryptFinal_ex(end, nullptr, &done) == 1 &&
           EVP_CIPHER_CTX_ctrl(end, EVP_CTRL_AEAD_GET_TAG, 16, made.data()) == 1 && made == expected.tag &&
           std::equal(out.begin(), out.end(), expected.secret.begin() + 33);
  };
  EXPECT_TRUE(is_expected(context()));
  EVP_CIPHER_CTX_reset(context());
  EXPECT_TRUE(is_expected(copy.get()));
}

// Its whole message is AAD, which comes here in pieces.
TEST_F(ProviderTest, GmacIsTheSame) {
  const Buffer data = chance_.bytes(100'003);
  const auto mac = [&](OSSL_LIB_CTX* library) {
    Buffer made(16);
    EVP_MAC* gmac = EVP_MAC_fetch(library, "GMAC", nullptr);
    EVP_MAC_CTX* context = EVP_MAC_CTX_new(gmac);
    std::string name = "AES-128-GCM";
    Buffer iv = iv_;
    const OSSL_PARAM settings[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name.data(), 0),
                                   OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_IV, iv.data(), iv.size()),
                                   OSSL_PARAM_construct_end()};
    std::size_t size = 0;
    bool is_good = EVP_MAC_init(context, key_.data(), key_.size(), settings) == 1;
    for (std::size_t at = 0; at < data.size(); at += 7777)
      is_good =
          is_good && EVP_MAC_update(context, &data[at], std::min<std::size_t>(7777, data.size() - at)) == 1;
    EXPECT_TRUE(is_good && EVP_MAC_final(context, made.data(), &size, made.size()) == 1);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(gmac);
    return made;
  };
  EXPECT_EQ(mac(configured()), mac(plain()));
}

TEST_F(ProviderTest, ManyThreadsEachWithAContextOfItsOwn) {
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < 8; ++number)
    threads.emplace_back([number] {
      Chance chance(number);
      for (std::size_t round = 0; round < 200; ++round) {
        const Message message =
            chance.message(key_sizes[round % 3], 12, chance.up_to(40), chance.up_to(3000));
        EXPECT_EQ(message.seal(configured()), message.seal(plain()));
      }
    });
  for (std::thread& thread : threads) thread.join();
}

// --- TLS 1.2: a record is sealed where it lies, as explicit IV (8), text, tag (16)

class RecordTest : public testing::Test {
 protected:
  ~RecordTest() override { ERR_clear_error(); }

  struct Side {
    Evp<EVP_CIPHER_CTX> context{EVP_CIPHER_CTX_new()};

    /// Without a fixed IV of TLS: as any other message begins, with the same bytes.
    Side(OSSL_LIB_CTX* library, const Buffer& key, Buffer iv, bool sealing, bool is_fixed = true) {
      const Buffer whole = [&] {
        Buffer padded = iv;
        padded.resize(12);
        return padded;
      }();
      EXPECT_EQ(EVP_CipherInit_ex2(context.get(), fetch(library, gcm_name(key.size())).get(), key.data(),
                                   is_fixed ? nullptr : whole.data(), sealing ? 1 : 0, nullptr),
                1);
      if (is_fixed) {
        EXPECT_EQ(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_IV_FIXED, 4, iv.data()), 1);
      }
    }
    bool set_header(std::uint8_t sequence, std::size_t fragment_size) {
      Buffer header{0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    sequence,
                    23,
                    3,
                    3,
                    static_cast<std::uint8_t>(fragment_size >> 8),
                    static_cast<std::uint8_t>(fragment_size)};
      return EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_TLS1_AAD, 13, header.data()) == 16;
    }
    /// The bytes of the outcome; nothing: refused.
    std::optional<int> process(Buffer& record, std::uint8_t sequence, std::size_t fragment_size) {
      int done = 0;
      if (!set_header(sequence, fragment_size) ||
          EVP_CipherUpdate(context.get(), record.data(), &done, record.data(), size_of(record)) != 1)
        return std::nullopt;
      return done;
    }
  };

  static Buffer room_for(const Buffer& text) {
    Buffer record(8 + text.size() + 16);
    std::ranges::copy(text, record.begin() + 8);
    return record;
  }
  static Buffer text_in(const Buffer& record) { return {record.begin() + 8, record.end() - 16}; }

  Chance chance_{seed};
  const Buffer key_ = chance_.bytes(16);
  const Buffer fixed_iv_ = chance_.bytes(4);
};

TEST_F(RecordTest, EachOpensWhatTheOtherSealed) {
  for (const bool we_seal : {true, false}) {
    Side sealing(we_seal ? configured() : plain(), key_, fixed_iv_, true);
    Side opening(we_seal ? plain() : configured(), key_, fixed_iv_, false);
    std::set<Buffer> ivs;
    for (std::uint8_t sequence = 0; sequence < 100; ++sequence) {
      const Buffer text = chance_.bytes(sequence == 99 ? 16384 : chance_.up_to(500));
      Buffer record = room_for(text);
      ASSERT_EQ(sealing.process(record, sequence, text.size() + 8), size_of(record));
      ASSERT_TRUE(ivs.insert({record.begin(), record.begin() + 8}).second) << "an IV twice";
      ASSERT_EQ(opening.process(record, sequence, record.size()), size_of(text));
      ASSERT_EQ(text_in(record), text);
    }
  }
}

TEST_F(RecordTest, OfAForgedRecordNothingIsLeft) {
  const Buffer text = chance_.bytes(300);
  for (const std::size_t at : {std::size_t{0}, std::size_t{8}, std::size_t{150}, std::size_t{323}}) {
    Side sealing(configured(), key_, fixed_iv_, true);
    Side opening(configured(), key_, fixed_iv_, false);
    Buffer record = room_for(text);
    ASSERT_TRUE(sealing.process(record, 1, text.size() + 8));
    Buffer forged = record;
    forged[at] ^= 1;
    EXPECT_EQ(opening.process(forged, 1, forged.size()), std::nullopt) << at;
    EXPECT_EQ(text_in(forged), Buffer(300)) << at;
    Buffer late = record;
    EXPECT_EQ(opening.process(late, 2, late.size()), std::nullopt) << "another place in the sequence";
    EXPECT_EQ(opening.process(record, 1, record.size()), 300);
    EXPECT_EQ(text_in(record), text);
  }
}

TEST_F(RecordTest, WhatIsTooShortIsRefused) {
  Side opening(configured(), key_, fixed_iv_, false);
  Side sealing(configured(), key_, fixed_iv_, true);
  for (std::size_t size = 1; size < 24; ++size) {
    EXPECT_FALSE(opening.set_header(0, size)) << size;
    EXPECT_EQ(sealing.set_header(0, size), size >= 8) << size;
    Buffer record(size);
    EXPECT_EQ(opening.process(record, 0, 24), std::nullopt) << size << ", and its header lies";
    EXPECT_EQ(sealing.process(record, 0, 8), std::nullopt) << size;
  }
}

TEST_F(RecordTest, EachSideBeginsToCountSomewhereElse) {
  Buffer first(24);
  Buffer second(24);
  ASSERT_TRUE(Side(configured(), key_, fixed_iv_, true).process(first, 0, 8));
  ASSERT_TRUE(Side(configured(), key_, fixed_iv_, true).process(second, 0, 8));
  EXPECT_NE(first, second);
}

TEST_F(RecordTest, WithoutAFixedIvThereAreNoRecords) {
  Buffer record(100);
  EXPECT_EQ(Side(configured(), key_, fixed_iv_, true, false).process(record, 0, 84), std::nullopt);
  ASSERT_TRUE(Side(configured(), key_, fixed_iv_, true).process(record, 0, 84));
  Buffer genuine = record;
  EXPECT_EQ(Side(configured(), key_, fixed_iv_, false, false).process(genuine, 0, 100), std::nullopt);
  EXPECT_EQ(Side(configured(), key_, fixed_iv_, false).process(record, 0, 100), 76);
}

TEST_F(RecordTest, AnIvThatCameWholeIsNotCountedOn) {
  Side sealing(configured(), key_, fixed_iv_, true);
  const Buffer iv(12);
  Buffer record(100);
  int done = 0;
  ASSERT_EQ(EVP_EncryptInit_ex2(sealing.context.get(), nullptr, nullptr, iv.data(), nullptr), 1);
  ASSERT_EQ(EVP_EncryptUpdate(sealing.context.get(), record.data(), &done, record.data(), 100), 1);
  ASSERT_EQ(EVP_EncryptFinal_ex(sealing.context.get(), nullptr, &done), 1);
  EXPECT_EQ(sealing.process(record, 0, 84), std::nullopt);
}

TEST_F(RecordTest, ARecordStaysInItsPlace) {
  Side sealing(configured(), key_, fixed_iv_, true);
  const Buffer record(100);
  Buffer elsewhere(100);
  int done = 0;
  ASSERT_TRUE(sealing.set_header(0, 84));
  EXPECT_EQ(EVP_CipherUpdate(sealing.context.get(), elsewhere.data(), &done, record.data(), 100), 0);
  EXPECT_EQ(elsewhere, Buffer(100));
}

}  // namespace
}  // namespace sampan::ipsec_mb
