#include "cli/transfer.h"

#include "net/byte_stream.h"

namespace sampan::cli {
namespace {

constexpr int resumable = 5;

Error with_way_out(const Error& error) {
  const bool helps = exit_code(error.code()) == resumable || error.code() == ErrorCode::interrupted;
  if (!helps) return error;
  const std::string detail = error.detail().empty() ? "" : error.detail() + "; ";
  return {error.code(), detail + "run the same command again to resume"};
}

}  // namespace

bool transfer(Progress& progress, const std::string& item, ItemResults& results,
              const std::function<Result<>()>& work) {
  try {
    const auto done = work();
    progress.end(done ? nullptr : &done.error());
    if (!done) results.failed(item, with_way_out(done.error()));
    return true;
  } catch (const net::StreamError& error) {
    progress.end(&error.error());
    results.ended(item, with_way_out(error.error()));
    return false;
  }
}

}  // namespace sampan::cli
