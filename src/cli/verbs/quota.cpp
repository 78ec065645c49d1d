#include "cli/verbs/quota.h"

#include "cli/options.h"
#include "cli/quota_report.h"
#include "client/remote_files.h"

namespace sampan::cli {

Description Quota::describe() const {
  return {.name = "quota",
          .summary = "show how much you keep, and how much more you may",
          .uses_server = true,
          .help = "What an unfinished upload has reserved counts.\n"};
}

void Quota::configure(Options& options) {
  options.flag("--json", json_, "{used,limit,free,files,max_files}; no limit: null");
}

Result<> Quota::act(Context& context, const Operands&) {
  const auto reply = context.session.call(client::quota);
  if (!reply) return fail(reply.error());
  context.console.out() << (json_ ? quota_json(*reply) : quota_lines(*reply));
  return {};
}

}  // namespace sampan::cli
