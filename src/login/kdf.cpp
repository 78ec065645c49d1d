#include "login/kdf.h"

#include <new>

#include <argon2.h>
#include <sys/mman.h>

#include "login/saslprep.h"

namespace sampan::login {
namespace {

constexpr std::uint32_t memory_most = 1024 * 1024;  // KiB
constexpr std::uint32_t passes_most = 64;
constexpr std::uint32_t lanes_most = 16;
constexpr std::size_t salt_least = 16;
constexpr std::size_t huge_page = 2 * 1024 * 1024;

// Memory for argon2_context. The hash touches each of its 19 MiB in a new process: in pages of 4 KiB that
// costs more than the hash itself where faults are dear (5 times as much in a virtual machine), in huge ones
// next to nothing. Both advices are hints: a system without them only is slower.
int allocate(std::uint8_t** memory, std::size_t count) {
  const std::size_t whole = (count + huge_page - 1) / huge_page * huge_page;
  void* const room = ::operator new(whole, std::align_val_t(huge_page), std::nothrow);
  if (room == nullptr) return ARGON2_MEMORY_ALLOCATION_ERROR;
  (void)madvise(room, whole, MADV_HUGEPAGE);
  (void)madvise(room, whole, MADV_POPULATE_WRITE);
  *memory = static_cast<std::uint8_t*>(room);
  return ARGON2_OK;
}

void release(std::uint8_t* memory, std::size_t) {
  ::operator delete(memory, std::align_val_t(huge_page));
}

// What SASLprep refuses is taken as it was typed.
Secret prepared(const Secret& password) {
  auto result = saslprep(password.reveal());
  return result ? std::move(*result) : password.copy();
}

}  // namespace

Result<> check(const KdfParameters& parameters) {
  const KdfParameters least;
  if (parameters.memory_kib < least.memory_kib || parameters.passes < least.passes ||
      parameters.lanes < least.lanes)
    return fail(ErrorCode::invalid, "the password hash that is asked for is too cheap to be safe");
  if (parameters.memory_kib > memory_most || parameters.passes > passes_most || parameters.lanes > lanes_most)
    return fail(ErrorCode::invalid, "the password hash that is asked for is too costly to be meant");
  return {};
}

Result<Secret> salted_password(const Secret& password, std::string_view salt,
                               const KdfParameters& parameters) {
  if (salt.size() < salt_least) return fail(ErrorCode::invalid, "a salt of fewer than 16 bytes");
  const Secret ready = prepared(password);
  std::string hash(32, '\0');
  const auto bytes_of = [](std::string_view text) {  // the library's interface lacks the const; it only reads
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  argon2_context context{};
  context.out = reinterpret_cast<std::uint8_t*>(hash.data());
  context.outlen = static_cast<std::uint32_t>(hash.size());
  context.pwd = bytes_of(ready.reveal());
  context.pwdlen = static_cast<std::uint32_t>(ready.reveal().size());
  context.salt = bytes_of(salt);
  context.saltlen = static_cast<std::uint32_t>(salt.size());
  context.t_cost = parameters.passes;
  context.m_cost = parameters.memory_kib;
  context.lanes = parameters.lanes;
  context.threads = parameters.lanes;
  context.version = ARGON2_VERSION_13;
  context.allocate_cbk = allocate;
  context.free_cbk = release;
  const int status = argon2id_ctx(&context);
  if (status == ARGON2_MEMORY_ALLOCATION_ERROR || status == ARGON2_THREAD_FAIL)
    return fail(ErrorCode::busy, "no memory for the password hash");
  if (status != ARGON2_OK) return fail(ErrorCode::invalid, argon2_error_message(status));
  return Secret(std::move(hash));
}

}  // namespace sampan::login
