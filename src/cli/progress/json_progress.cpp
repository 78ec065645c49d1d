#include "cli/progress/json_progress.h"

#include "cli/json_text.h"

namespace sampan::cli {

void JsonProgress::begin(std::string_view, std::uint64_t total, std::uint64_t done) {
  state_.begin(total, done);
  if (state_.due()) tell(event("progress"));
}

void JsonProgress::advance(std::uint64_t bytes) {
  state_.advance(bytes);
  if (state_.due()) tell(event("progress"));
}

void JsonProgress::finish(const Error* failure) {
  if (failure == nullptr) {
    state_.complete();
    tell(event("done"));
    return;
  }
  boost::json::object failed = event("failed");
  failed["error"] = error_word(failure->code());
  put_text(failed, "message", failure->message());
  tell(failed);
}

boost::json::object JsonProgress::event(std::string_view what) const {
  boost::json::object object;
  object["event"] = what;
  put_text(object, "path", path_);
  object["done"] = state_.done();
  object["total"] = state_.total();
  object["rate"] = state_.rate();
  object["eta"] = number_or_null(state_.eta());
  return object;
}

void JsonProgress::tell(const boost::json::object& event) {
  out_ << json_line(event) << std::flush;
}

}  // namespace sampan::cli
