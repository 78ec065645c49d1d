#include "client/remote_files.h"

#include "client/directory_lister.h"

namespace sampan::client {

namespace native = wire::native;

namespace {

net::Task<Result<>> done(Connection& connection, native::Operation operation) {
  const auto reply = co_await connection.call<native::Done>(operation);
  if (!reply) co_return fail(reply.error());
  co_return Result<>();
}

}  // namespace

net::Task<Result<std::vector<native::Entry>>> list_directory(Connection& connection, std::string path) {
  DirectoryLister lister(connection);
  co_await lister.ask(std::move(path));
  co_return co_await lister.take();
}

net::Task<Result<>> look_into(Connection& connection, std::string path) {
  native::List list;
  list.path.bytes = std::move(path);
  list.limit = 1;
  const native::Operation operation = std::move(list);
  std::vector<std::byte> body;
  co_await connection.send(operation);
  const auto page = co_await connection.receive<native::Page>(body, native::array_body_max);
  if (!page) co_return fail(page.error());
  co_return Result<>();
}

net::Task<Result<native::Entry>> stat_file(Connection& connection, std::string path) {
  native::Stat stat;
  stat.path.bytes = std::move(path);
  const native::Operation operation = std::move(stat);
  co_return co_await connection.call<native::Entry>(operation);
}

net::Task<Result<native::DigestReply>> digest_file(Connection& connection, std::string path) {
  native::DigestOf digest;
  digest.path.bytes = std::move(path);
  const native::Operation operation = std::move(digest);
  auto reply = co_await connection.call<native::DigestReply>(operation);
  co_return reply;
}

net::Task<Result<native::QuotaReply>> quota(Connection& connection) {
  const native::Operation operation = native::Quota{};
  co_return co_await connection.call<native::QuotaReply>(operation);
}

net::Task<Result<>> make_directory(Connection& connection, std::string path, bool parents) {
  native::MakeDirectory make;
  make.path.bytes = std::move(path);
  if (parents) make.parents = true;
  return done(connection, std::move(make));
}

net::Task<Result<>> remove_directory(Connection& connection, std::string path) {
  native::RemoveDirectory remove;
  remove.path.bytes = std::move(path);
  return done(connection, std::move(remove));
}

net::Task<Result<>> remove_file(Connection& connection, std::string path) {
  native::Remove remove;
  remove.path.bytes = std::move(path);
  return done(connection, std::move(remove));
}

net::Task<Result<>> rename_file(Connection& connection, std::string from, std::string to, bool replace) {
  native::Rename rename;
  rename.from.bytes = std::move(from);
  rename.to.bytes = std::move(to);
  if (replace) rename.replace = true;
  return done(connection, std::move(rename));
}

}  // namespace sampan::client
