#pragma once

#include <string>

#include <sys/types.h>

#include "base/result.h"

namespace sampan::server {

/// The user that a server started by root works as. Root's rights are laid down at once and taken up again
/// only for what needs them before the first client comes: reading a TLS key, taking a port below 1024. For
/// the whole process, so no other thread may count on who it is meanwhile.
class ServiceUser {
 public:
  /// Who we are already: nothing to lay down.
  ServiceUser() = default;

  /// By its name. not_found; denied where we are neither root nor that user.
  static Result<ServiceUser> find(const std::string& name);

  /// Whether there are rights to lay down.
  bool lays_down() const { return lays_down_; }
  uid_t uid() const { return uid_; }
  gid_t gid() const { return gid_; }

  /// Lays root's rights down, to be taken up again.
  Result<> enter() const;
  /// Lays them down for good, and makes sure that they are gone.
  Result<> stay() const;

  /// Root again while it lives. Aborts the process where the rights cannot be laid down again.
  class AsRoot {
   public:
    explicit AsRoot(const ServiceUser& user);
    AsRoot(const AsRoot&) = delete;
    AsRoot& operator=(const AsRoot&) = delete;
    ~AsRoot();

   private:
    const ServiceUser& user_;
  };

 private:
  std::string name_;
  uid_t uid_ = 0;
  gid_t gid_ = 0;
  bool lays_down_ = false;
};

}  // namespace sampan::server
