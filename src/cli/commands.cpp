#include "cli/commands.h"

#include <array>

#include "cli/shell/directory_commands.h"
#include "cli/shell/shell.h"
#include "cli/verbs/completion.h"
#include "cli/verbs/digest.h"
#include "cli/verbs/get.h"
#include "cli/verbs/help.h"
#include "cli/verbs/list.h"
#include "cli/verbs/login.h"
#include "cli/verbs/make_directory.h"
#include "cli/verbs/move.h"
#include "cli/verbs/put.h"
#include "cli/verbs/quota.h"
#include "cli/verbs/remove.h"
#include "cli/verbs/remove_directory.h"
#include "cli/verbs/serve.h"
#include "cli/verbs/stat.h"
#include "cli/verbs/user_add.h"
#include "cli/verbs/user_list.h"
#include "cli/verbs/user_passwd.h"
#include "cli/verbs/user_remove.h"
#include "cli/verbs/user_set.h"
#include "cli/verbs/user_show.h"

namespace sampan::cli {
namespace {

enum class Where { program, shell, both };

struct Registration {
  Where where;
  void (CommandTable::*add)();
};

// In the order of `sampan --help`. A new command is a row here.
constexpr std::array registrations = {
    Registration{Where::program, &CommandTable::add<Serve>},
    Registration{Where::program, &CommandTable::add<UserAdd>},
    Registration{Where::program, &CommandTable::add<UserSet>},
    Registration{Where::program, &CommandTable::add<UserPasswd>},
    Registration{Where::program, &CommandTable::add<UserRemove>},
    Registration{Where::program, &CommandTable::add<UserList>},
    Registration{Where::program, &CommandTable::add<UserShow>},
    Registration{Where::program, &CommandTable::add<Login>},
    Registration{Where::both, &CommandTable::add<Put>},
    Registration{Where::both, &CommandTable::add<Get>},
    Registration{Where::both, &CommandTable::add<List>},
    Registration{Where::both, &CommandTable::add<Stat>},
    Registration{Where::both, &CommandTable::add<MakeDirectory>},
    Registration{Where::both, &CommandTable::add<RemoveDirectory>},
    Registration{Where::both, &CommandTable::add<Remove>},
    Registration{Where::both, &CommandTable::add<Move>},
    Registration{Where::both, &CommandTable::add<DigestOf>},
    Registration{Where::both, &CommandTable::add<Quota>},
    Registration{Where::program, &CommandTable::add<Shell>},
    Registration{Where::shell, &CommandTable::add<ChangeDirectory>},
    Registration{Where::shell, &CommandTable::add<PrintDirectory>},
    Registration{Where::shell, &CommandTable::add<ChangeLocalDirectory>},
    Registration{Where::shell, &CommandTable::add<PrintLocalDirectory>},
    Registration{Where::shell, &CommandTable::add<ListLocal>},
    Registration{Where::program, &CommandTable::add<PrintCompletion>},
    Registration{Where::both, &CommandTable::add<Help>},
    Registration{Where::shell, &CommandTable::add<Exit>},
};

CommandTable table_of(Where where) {
  CommandTable table;
  for (const Registration& row : registrations)
    if (row.where == where || row.where == Where::both) (table.*row.add)();
  return table;
}

}  // namespace

CommandTable program_commands() {
  return table_of(Where::program);
}
CommandTable shell_commands() {
  return table_of(Where::shell);
}

}  // namespace sampan::cli
