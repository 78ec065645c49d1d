#include "ipsec_mb/multi_buffer.h"

#include <memory>

namespace sampan::ipsec_mb {
namespace {

struct ManagerDeleter {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};

}  // namespace

// The compiler's own test, since version 1.3 does not ask whether the system saves the wide registers, and
// dies of it under some hypervisors.
bool is_usable(InstructionSet set) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("aes") || !__builtin_cpu_supports("pclmul") ||
      !__builtin_cpu_supports("sse4.2"))
    return false;
  switch (set) {
    case InstructionSet::sse:
      return true;
    case InstructionSet::avx:
      return __builtin_cpu_supports("avx");
    case InstructionSet::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    case InstructionSet::avx512:
      return is_usable(InstructionSet::avx2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  }
  return false;
}

MultiBuffer::MultiBuffer(const IMB_MGR& manager)
    : gcm_{GcmFunctions{manager.gcm128_pre, manager.gcm128_init_var_iv, manager.gcm128_enc_update,
                        manager.gcm128_dec_update, manager.gcm128_enc_finalize, manager.gcm128_dec_finalize,
                        manager.ghash},
           GcmFunctions{manager.gcm192_pre, manager.gcm192_init_var_iv, manager.gcm192_enc_update,
                        manager.gcm192_dec_update, manager.gcm192_enc_finalize, manager.gcm192_dec_finalize,
                        manager.ghash},
           GcmFunctions{manager.gcm256_pre, manager.gcm256_init_var_iv, manager.gcm256_enc_update,
                        manager.gcm256_dec_update, manager.gcm256_enc_finalize, manager.gcm256_dec_finalize,
                        manager.ghash}} {}

std::optional<MultiBuffer> MultiBuffer::with(InstructionSet set) {
  // The size of a key schedule is part of the header and grew in version 1.4, under the same name of the
  // shared library: another version would write behind the end of ours.
  if (imb_get_version() != IMB_VERSION_NUM || !is_usable(set)) return std::nullopt;
  // Needed for its table alone: jobs and lanes, what the manager is there for, are not used here.
  const std::unique_ptr<IMB_MGR, ManagerDeleter> manager(alloc_mb_mgr(0));
  if (!manager) return std::nullopt;
  switch (set) {
    case InstructionSet::sse:
      init_mb_mgr_sse(manager.get());
      break;
    case InstructionSet::avx:
      init_mb_mgr_avx(manager.get());
      break;
    case InstructionSet::avx2:
      init_mb_mgr_avx2(manager.get());
      break;
    case InstructionSet::avx512:
      init_mb_mgr_avx512(manager.get());
      break;
  }
  if (imb_get_errno(manager.get()) != 0 || (manager->features & IMB_FEATURE_SELF_TEST_PASS) == 0)
    return std::nullopt;
  return MultiBuffer(*manager);
}

std::optional<MultiBuffer> MultiBuffer::best() {
  for (const InstructionSet set :
       {InstructionSet::avx512, InstructionSet::avx2, InstructionSet::avx, InstructionSet::sse})
    if (is_usable(set)) return with(set);
  return std::nullopt;
}

}  // namespace sampan::ipsec_mb
