#pragma once

#include <string>
#include <vector>

#include "client/connection.h"

namespace sampan::client {

/// All entries of a directory, page by page, sorted by the bytes of their names.
net::Task<Result<std::vector<wire::native::Entry>>> list_directory(Connection& connection, std::string path);
/// Whether it is a directory that may be listed: what `cd` wants to know.
net::Task<Result<>> look_into(Connection& connection, std::string path);
net::Task<Result<wire::native::Entry>> stat_file(Connection& connection, std::string path);
net::Task<Result<wire::native::DigestReply>> digest_file(Connection& connection, std::string path);
net::Task<Result<wire::native::QuotaReply>> quota(Connection& connection);
/// With `parents`: what is missing above too, and it is fine if it is there.
net::Task<Result<>> make_directory(Connection& connection, std::string path, bool parents);
net::Task<Result<>> remove_directory(Connection& connection, std::string path);
net::Task<Result<>> remove_file(Connection& connection, std::string path);
net::Task<Result<>> rename_file(Connection& connection, std::string from, std::string to, bool replace);

}  // namespace sampan::client
