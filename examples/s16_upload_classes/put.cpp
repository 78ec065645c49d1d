#include "s16_upload_classes/put.h"

#include "base/text.h"
#include "upload/transfer.h"

namespace sampan::s16_upload_classes {

net::Task<Result<std::string>> Put::run(Session& session, const wire::tutorial::RequestHeader& request) {
  if (!request.file_name || !request.file_size)
    throw net::StreamError(Error(ErrorCode::bad_request, "put needs \"filename\" and \"filesize\""));
  const std::string& name = *request.file_name;
  const auto expect = [&] { return session.inbox.expect(name, *request.file_size); };
  auto arrival = co_await session.pool.run(expect);
  if (!arrival) {
    co_await session.reader.skip(*request.file_size);
    co_return fail(arrival.error());
  }
  const auto received = co_await upload::receive(session.reader, session.pool, *arrival);
  if (!received) {
    co_await session.reader.skip(arrival->left());
    co_return fail(received.error());
  }
  const auto commit = [&] { return arrival->commit(); };
  const auto stored = co_await session.pool.run(commit);
  if (!stored) co_return fail(stored.error());
  co_return "stored " + printable(name) + " (" + std::to_string(*request.file_size) + " bytes)";
}

}  // namespace sampan::s16_upload_classes
