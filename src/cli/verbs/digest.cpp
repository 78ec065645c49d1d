#include "cli/verbs/digest.h"

#include "base/text.h"
#include "cli/json_text.h"
#include "cli/options.h"
#include "client/remote_files.h"

namespace sampan::cli {

Description DigestOf::describe() const {
  return {.name = "digest",
          .summary = "show the BLAKE3 digest of a file, as the server has it",
          .operands = "PATH",
          .least = 1,
          .most = 1,
          .uses_server = true,
          .help = "The same that b3sum prints for the same bytes.\n"};
}

void DigestOf::configure(Options& options) {
  options.flag("--json", json_, "{path,digest}");
}

Result<> DigestOf::act(Context& context, const Operands& operands) {
  const auto path = context.session.directory().join(operands[0]);
  if (!path) return fail(path.error());
  const auto reply = context.session.call(client::digest_file, path->text());
  if (!reply) return fail(reply.error());
  if (!json_) {
    context.console.out() << reply->digest.text() + "  " + printable(path->text()) + "\n";
    return {};
  }
  boost::json::object object;
  put_text(object, "path", path->text());
  object["digest"] = reply->digest.text();
  context.console.out() << json_line(object);
  return {};
}

}  // namespace sampan::cli
