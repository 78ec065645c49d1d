#include "login/saslprep.h"

#include <cstring>
#include <memory>
#include <string>

#include <gsasl.h>

namespace sampan::login {
namespace {

struct WipeAndFree {
  void operator()(char* text) const {
    explicit_bzero(text, std::strlen(text));
    gsasl_free(text);
  }
};

}  // namespace

std::optional<Secret> saslprep(std::string_view text) {
  if (text.find('\0') != text.npos) return std::nullopt;
  const Secret terminated{std::string(text)};  // keeps a std::string, so what it reveals ends in a NUL
  char* raw = nullptr;
  const int status = gsasl_saslprep(terminated.reveal().data(), GSASL_ALLOW_UNASSIGNED, &raw, nullptr);
  const std::unique_ptr<char, WipeAndFree> prepared(raw);
  if (status != GSASL_OK || prepared == nullptr || *prepared == '\0') return std::nullopt;
  return Secret(std::string(prepared.get()));
}

}  // namespace sampan::login
