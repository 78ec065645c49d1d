#include "ipsec_mb/gcm.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <memory>

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "ipsec_mb/testing/evp_gcm.h"

namespace sampan::ipsec_mb {
namespace {

constexpr std::size_t key_sizes[] = {16, 24, 32};
constexpr unsigned seed = 20261128;

std::vector<InstructionSet> usable_sets() {
  std::vector<InstructionSet> sets;
  for (const InstructionSet set :
       {InstructionSet::sse, InstructionSet::avx, InstructionSet::avx2, InstructionSet::avx512})
    if (is_usable(set)) sets.push_back(set);
  return sets;
}

/// Everything with each implementation that the library has for this machine.
class GcmTest : public testing::TestWithParam<InstructionSet> {
 protected:
  // On the heap: AddressSanitizer of g++ 12 puts what is aligned to 64 bytes on any address of its own stack
  // (GCC bug 110027).
  std::unique_ptr<Gcm> with_key(const Buffer& key) {
    const KeySize size = key.size() == 16   ? KeySize::aes128
                         : key.size() == 24 ? KeySize::aes192
                                            : KeySize::aes256;
    auto gcm = std::make_unique<Gcm>(library(), size);
    EXPECT_TRUE(gcm->set_key(key));
    return gcm;
  }

  const MultiBuffer& library() {
    if (!library_) library_ = MultiBuffer::with(GetParam());
    return library_.value();
  }

 private:
  std::optional<MultiBuffer> library_;
};

std::string name_of(const testing::TestParamInfo<InstructionSet>& info) {
  const char* const names[] = {"sse", "avx", "avx2", "avx512"};
  return names[static_cast<std::size_t>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(On, GcmTest, testing::ValuesIn(usable_sets()), name_of);

Buffer tag_of(Gcm& gcm) {
  Gcm::Tag tag{};
  EXPECT_TRUE(gcm.finish(tag));
  return {tag.begin(), tag.end()};
}

Sealed seal(Gcm& gcm, const Message& message) {
  Sealed sealed{Buffer(message.text.size()), {}};
  EXPECT_TRUE(gcm.begin(message.iv));
  EXPECT_TRUE(gcm.add_aad(message.aad));
  EXPECT_TRUE(gcm.encrypt(message.text, sealed.secret.data()));
  sealed.tag = tag_of(gcm);
  return sealed;
}

/// The tag that fits what was opened is in `tag`.
Buffer open(Gcm& gcm, const Message& message, const Buffer& secret, Buffer& tag) {
  Buffer text(secret.size());
  EXPECT_TRUE(gcm.begin(message.iv));
  EXPECT_TRUE(gcm.add_aad(message.aad));
  EXPECT_TRUE(gcm.decrypt(secret, text.data()));
  tag = tag_of(gcm);
  return text;
}

struct Vector {
  const char* key;
  const char* iv;
  const char* aad;
  const char* text;
  const char* secret;
  const char* tag;
};

// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B: test cases 1 to 6, 7, 8, 10, 13, 14,
// 16, 18.
#define KEY "feffe9928665731c6d6a8f9467308308"
#define ZERO "00000000000000000000000000000000"
#define IV "cafebabefacedbaddecaf888"
#define LONG_IV                                                                                              \
  "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5" \
  "a0"                                                                                                       \
  "de6a57a637b39b"
#define AAD "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define TEXT                                                                                                 \
  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5" \
  "aa"                                                                                                       \
  "0de657ba637b39"
constexpr Vector vectors[] = {
    {ZERO, "000000000000000000000000", "", "", "", "58e2fccefa7e3061367f1d57a4e7455a"},
    {ZERO, "000000000000000000000000", "", ZERO, "0388dace60b6a392f328c2b971b2fe78",
     "ab6e47d42cec13bdf53a67b21257bddf"},
    {KEY, IV, "", TEXT "1aafd255",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b3"
     "96a"
     "0aac973d58e091473f5985",
     "4d5c2af327cd64a62cf35abd2ba6fab4"},
    {KEY, IV, AAD, TEXT,
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b3"
     "96a"
     "0aac973d58e091",
     "5bc94fbc3221a5db94fae95ae7121a47"},
    {KEY, "cafebabefacedbad", AAD, TEXT,
     "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c742373806900e49f24b22b097544d4896b424989b5e"
     "1eb"
     "ac0f07c23f4598",
     "3612d2e79e3b0785561be14aaca2fccb"},
    {KEY, LONG_IV, AAD, TEXT,
     "8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca701e4a9a4fba43c90ccdcb281d48c7c6fd62875d"
     "2ac"
     "a417034c34aee5",
     "619cc5aefffe0bfa462af43c1699d050"},
    {ZERO "0000000000000000", "000000000000000000000000", "", "", "", "cd33b28ac773f74ba00ed1f312572435"},
    {ZERO "0000000000000000", "000000000000000000000000", "", ZERO, "98e7247c07f0fe411c267e4384b0f600",
     "2ff58d80033927ab8ef4d4587514f0fb"},
    {KEY "feffe9928665731c", IV, AAD, TEXT,
     "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f4718e2448"
     "b2f"
     "e324d9ccda2710",
     "2519498e80f1478f37ba55bd6d27618c"},
    {ZERO ZERO, "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {ZERO ZERO, "000000000000000000000000", "", ZERO, "cea7403d4d606b6e074ec5d3baf39d18",
     "d0d1c8a799996bf0265b98b5d48ab919"},
    {KEY KEY, IV, AAD, TEXT,
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6"
     "393"
     "ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
    {KEY KEY, LONG_IV, AAD, TEXT,
     "5a8def2f0c9e53f1f75d7853659e2a20eeb2b22aafde6419a058ab4f6f746bf40fc0c3b780f244452da3ebf1c5d82cdea241899"
     "7200ef8"
     "2e44ae7e3f",
     "a44a8266ee1c8eb0c8b5d4cf5ae9f19a"},
};

TEST_P(GcmTest, KnownAnswers) {
  for (const Vector& vector : vectors) {
    const Message message{from_hex(vector.key), from_hex(vector.iv), from_hex(vector.aad),
                          from_hex(vector.text)};
    const Sealed known{from_hex(vector.secret), from_hex(vector.tag)};
    const auto held = with_key(message.key);
    Gcm& gcm = *held;
    EXPECT_EQ(seal(gcm, message), known) << vector.tag;
    Buffer tag;
    EXPECT_EQ(open(gcm, message, known.secret, tag), message.text) << vector.tag;
    EXPECT_EQ(tag, known.tag);
    EXPECT_EQ(message.seal(plain()), known) << "the vector itself is wrong";
  }
}

/// `size` bytes at any distance from an aligned address, with canaries on both sides.
class Place {
 public:
  Place(std::size_t offset, std::size_t size)
      : offset_(offset), size_(size), memory_(offset + size + 64, 0xa5) {}

  std::uint8_t* data() { return memory_.data() + offset_; }
  Buffer content() { return {data(), data() + size_}; }
  bool is_intact() {
    const auto is_canary = [](std::uint8_t byte) { return byte == 0xa5; };
    const auto begin = memory_.begin() + static_cast<std::ptrdiff_t>(offset_);
    return std::all_of(memory_.begin(), begin, is_canary) &&
           std::all_of(begin + static_cast<std::ptrdiff_t>(size_), memory_.end(), is_canary);
  }

 private:
  std::size_t offset_;
  std::size_t size_;
  Buffer memory_;
};

TEST_P(GcmTest, EveryLengthInPlaceAndNotWhereverItLies) {
  Chance chance(seed);
  std::vector<std::size_t> sizes;
  for (std::size_t size = 0; size <= 600; ++size) sizes.push_back(size);
  for (std::size_t size = 16 * 1024 - 20; size <= 16 * 1024 + 300; ++size) sizes.push_back(size);
  for (const std::size_t size : sizes) {
    const std::size_t key_size = key_sizes[size % 3];
    const Message message = chance.message(key_size, 12, chance.up_to(20), size);
    const Sealed expected = message.seal(plain());
    const auto held = with_key(message.key);
    Gcm& gcm = *held;
    for (const bool in_place : {true, false}) {
      Place from(chance.up_to(70), size);
      Place apart(chance.up_to(70), size);
      Place& to = in_place ? from : apart;
      std::ranges::copy(message.text, from.data());
      ASSERT_TRUE(gcm.begin(message.iv) && gcm.add_aad(message.aad));
      ASSERT_TRUE(gcm.encrypt({from.data(), size}, to.data()));
      ASSERT_EQ(tag_of(gcm), expected.tag) << size;
      ASSERT_EQ(to.content(), expected.secret) << size;

      ASSERT_TRUE(gcm.begin(message.iv) && gcm.add_aad(message.aad));
      ASSERT_TRUE(gcm.decrypt({to.data(), size}, from.data()));
      ASSERT_EQ(tag_of(gcm), expected.tag) << size;
      ASSERT_EQ(from.content(), message.text) << size;
      ASSERT_TRUE(from.is_intact() && apart.is_intact()) << size;
    }
  }
}

/// A page with none on either side: a byte too far, read or written, ends the test. No sanitizer sees into
/// assembly.
class LonelyPage {
 public:
  LonelyPage() {
    memory_ =
        static_cast<std::uint8_t*>(mmap(nullptr, 3 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (memory_ == MAP_FAILED || mprotect(memory_ + size, size, PROT_READ | PROT_WRITE) != 0) std::abort();
  }
  LonelyPage(const LonelyPage&) = delete;
  LonelyPage& operator=(const LonelyPage&) = delete;
  ~LonelyPage() { munmap(memory_, 3 * size); }

  static constexpr std::size_t size = 4096;

  std::uint8_t* begin() { return memory_ + size; }
  std::uint8_t* end() { return begin() + size; }

 private:
  std::uint8_t* memory_;
};

TEST_P(GcmTest, NothingIsTouchedBeyondABuffer) {
  Chance chance(seed + 5);
  LonelyPage text_page;
  LonelyPage aad_page;
  for (std::size_t size = 0; size <= 600; ++size) {
    const Message message = chance.message(key_sizes[size % 3], 12, size % 70, size);
    const Sealed expected = message.seal(plain());
    const auto held = with_key(message.key);
    Gcm& gcm = *held;
    for (const bool at_end : {true, false}) {
      std::uint8_t* text = at_end ? text_page.end() - size : text_page.begin();
      std::uint8_t* aad = at_end ? aad_page.end() - message.aad.size() : aad_page.begin();
      std::ranges::copy(message.text, text);
      std::ranges::copy(message.aad, aad);
      ASSERT_TRUE(gcm.begin(message.iv) && gcm.add_aad({aad, message.aad.size()}));
      ASSERT_TRUE(gcm.encrypt({text, size}, text));
      ASSERT_EQ(tag_of(gcm), expected.tag);
      ASSERT_TRUE(gcm.begin(message.iv) && gcm.add_aad({aad, message.aad.size()}));
      ASSERT_TRUE(gcm.decrypt({text, size}, text));
      ASSERT_EQ(tag_of(gcm), expected.tag);
      ASSERT_TRUE(std::equal(message.text.begin(), message.text.end(), text));
    }
  }
}

TEST_P(GcmTest, InAsManyPiecesAsOneLikes) {
  Chance chance(seed + 1);
  for (int round = 0; round < 1500; ++round) {
    const std::size_t most = round % 50 == 0 ? 70'000 : 1500;
    const Message message = chance.message(key_sizes[round % 3], round % 2 ? 12 : 1 + chance.up_to(127),
                                           chance.up_to(round % 4 ? 40 : 700), chance.up_to(most));
    const Sealed expected = message.seal(plain());
    const auto held = with_key(message.key);
    Gcm& gcm = *held;
    for (const bool encrypting : {true, false}) {
      Buffer text = encrypting ? message.text : expected.secret;
      ASSERT_TRUE(gcm.begin(message.iv));
      for (std::size_t at = 0; at < message.aad.size();) {
        const std::size_t count = std::min(message.aad.size() - at, chance.up_to(50));
        ASSERT_TRUE(gcm.add_aad({&message.aad[at], count}));
        at += count;
      }
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t count = std::min(text.size() - at, chance.up_to(round % 3 ? 400 : 40));
        const Gcm::Bytes piece(&text[at], count);
        ASSERT_TRUE(encrypting ? gcm.encrypt(piece, &text[at]) : gcm.decrypt(piece, &text[at]));
        at += count;
      }
      ASSERT_EQ(tag_of(gcm), expected.tag) << round << " " << encrypting;
      ASSERT_EQ(text, encrypting ? expected.secret : message.text) << round;
    }
  }
}

TEST_P(GcmTest, EveryLengthOfAad) {
  Chance chance(seed + 2);
  for (std::size_t size = 0; size <= 300; ++size) {
    const Message message = chance.message(key_sizes[size % 3], 12, size, chance.up_to(64));
    const auto held = with_key(message.key);
    Gcm& gcm = *held;
    const Sealed expected = message.seal(plain());
    ASSERT_EQ(seal(gcm, message), expected) << size;
    ASSERT_TRUE(gcm.begin(message.iv));
    for (const std::uint8_t& byte : message.aad) ASSERT_TRUE(gcm.add_aad({&byte, 1}));
    Buffer text = message.text;
    ASSERT_TRUE(gcm.encrypt(text, text.data()));
    ASSERT_EQ(tag_of(gcm), expected.tag) << size << ", byte by byte";
  }
}

// The 32 bits that count begin anywhere where an IV has not 12 bytes. An IV is looked for whose numbers run
// over within the text: its first key stream block, decrypted by itself, is the counter.
TEST_P(GcmTest, TheCounterRunsOver) {
  constexpr std::size_t size = 2 << 20;
  Chance chance(seed + 3);
  const Buffer key = chance.bytes(16);
  const Evp<EVP_CIPHER_CTX> block(EVP_CIPHER_CTX_new());
  ASSERT_EQ(
      EVP_DecryptInit_ex2(block.get(), fetch(plain(), "AES-128-ECB").get(), key.data(), nullptr, nullptr), 1);
  EVP_CIPHER_CTX_set_padding(block.get(), 0);
  const auto held = with_key(key);
  Gcm& gcm = *held;
  for (int attempt = 0; attempt < 1'000'000; ++attempt) {
    const Buffer iv = chance.bytes(16);
    Buffer stream(16);
    ASSERT_TRUE(gcm.begin(iv) && gcm.encrypt(stream, stream.data()));
    Buffer counter(16);
    int done = 0;
    ASSERT_EQ(EVP_DecryptUpdate(block.get(), counter.data(), &done, stream.data(), 16), 1);
    const std::uint32_t number = static_cast<std::uint32_t>(counter[12]) << 24 |
                                 static_cast<std::uint32_t>(counter[13]) << 16 |
                                 static_cast<std::uint32_t>(counter[14]) << 8 | counter[15];
    if (number > std::numeric_limits<std::uint32_t>::max() - size / 16 + 1000) {
      const Message message{key, iv, {}, chance.bytes(size)};
      EXPECT_EQ(seal(gcm, message), message.seal(plain()));
      return;
    }
  }
  FAIL() << "no such IV";
}

TEST_P(GcmTest, ACopyGoesItsOwnWay) {
  Chance chance(seed + 4);
  const Message message = chance.message(32, 12, 100, 1000);
  const Sealed expected = message.seal(plain());
  const auto held = with_key(message.key);
  Gcm& gcm = *held;
  Buffer text = message.text;
  ASSERT_TRUE(gcm.begin(message.iv) && gcm.add_aad({message.aad.data(), 33}));
  {
    const auto copy = std::make_unique<Gcm>(gcm);
    Gcm& early = *copy;
    ASSERT_TRUE(early.add_aad(Gcm::Bytes(message.aad).subspan(33)) && early.encrypt(text, text.data()));
    EXPECT_EQ(tag_of(early), expected.tag);
    EXPECT_EQ(text, expected.secret);
  }
  text = message.text;
  ASSERT_TRUE(gcm.add_aad(Gcm::Bytes(message.aad).subspan(33)) &&
              gcm.encrypt({text.data(), 77}, text.data()));
  const auto copy = std::make_unique<Gcm>(gcm);
  Gcm& late = *copy;
  Buffer other = chance.bytes(500);
  ASSERT_TRUE(late.encrypt(other, other.data()));
  EXPECT_NE(tag_of(late), expected.tag);
  ASSERT_TRUE(gcm.encrypt({&text[77], text.size() - 77}, &text[77]));
  EXPECT_EQ(tag_of(gcm), expected.tag);
  EXPECT_EQ(text, expected.secret);
}

TEST_P(GcmTest, EverythingHasItsTurn) {
  const auto held = std::make_unique<Gcm>(library(), KeySize::aes128);
  Gcm& gcm = *held;
  Buffer bytes(16);
  Gcm::Tag tag{};
  EXPECT_FALSE(gcm.has_key());
  EXPECT_FALSE(gcm.begin(bytes) || gcm.add_aad(bytes) || gcm.encrypt(bytes, bytes.data()) || gcm.finish(tag));
  EXPECT_FALSE(gcm.set_key(Buffer(15)) || gcm.set_key(Buffer(32)));
  ASSERT_TRUE(gcm.set_key(bytes));
  EXPECT_FALSE(gcm.add_aad(bytes) || gcm.encrypt(bytes, bytes.data()) || gcm.finish(tag));
  EXPECT_FALSE(gcm.begin({}) || gcm.begin(Buffer(129)));
  ASSERT_TRUE(gcm.begin(bytes) && gcm.encrypt(bytes, bytes.data()));
  EXPECT_FALSE(gcm.add_aad(bytes) || gcm.decrypt(bytes, bytes.data()));
  ASSERT_TRUE(gcm.finish(tag));
  EXPECT_FALSE(gcm.finish(tag) || gcm.encrypt(bytes, bytes.data()) || gcm.decrypt(bytes, bytes.data()));
  ASSERT_TRUE(gcm.begin(bytes) && gcm.set_key(bytes));
  EXPECT_FALSE(gcm.finish(tag)) << "a new key ends the message";
}

TEST_P(GcmTest, NoMessageIsLongerThanTheStandardAllows) {
  const auto held = with_key(Buffer(16));
  Gcm& gcm = *held;
  Buffer bytes(16);
  const auto claims = [&](std::uint64_t size) { return Gcm::Bytes(bytes.data(), size); };
  ASSERT_TRUE(gcm.begin(bytes) && gcm.add_aad({bytes.data(), 1}));
  EXPECT_FALSE(gcm.add_aad(claims(Gcm::aad_max)));
  EXPECT_FALSE(gcm.add_aad(claims(std::numeric_limits<std::uint64_t>::max())));
  EXPECT_FALSE(gcm.encrypt(claims(Gcm::text_max + 1), bytes.data()));
  ASSERT_TRUE(gcm.encrypt({bytes.data(), 1}, bytes.data()));
  EXPECT_FALSE(gcm.encrypt(claims(Gcm::text_max), bytes.data()));
  EXPECT_FALSE(gcm.encrypt(claims(std::numeric_limits<std::uint64_t>::max()), bytes.data()));
}

}  // namespace
}  // namespace sampan::ipsec_mb
