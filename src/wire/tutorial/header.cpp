#include "wire/tutorial/header.h"

#include "base/text.h"
#include "wire/json_document.h"
#include "wire/json_value.h"
#include "wire/tutorial/length.h"
#include "wire/tutorial/python_text.h"

namespace sampan::wire::tutorial {
namespace {

namespace json = boost::json;

/// An object that is being written: `{"a": "x", "b": 1}`.
class Writer {
 public:
  void add(std::string_view name, std::string_view text) {
    add_name(name);
    append_python_string(text_, text);
  }
  void add(std::string_view name, std::uint64_t number) {
    add_name(name);
    text_ += std::to_string(number);
  }

  Result<std::string> framed() const {
    const std::string header = text_ + "}";
    if (header.size() > header_max)
      return fail(ErrorCode::invalid, "a header of " + std::to_string(header.size()) +
                                          " bytes: at most 65536, so the name is too long");
    auto frame = encode_length(header.size());
    if (frame) *frame += header;
    return frame;
  }

 private:
  void add_name(std::string_view name) {
    if (text_.size() > 1) text_ += ", ";
    append_python_string(text_, name);
    text_ += ": ";
  }
  std::string text_ = "{";
};

// Reads `text` with `read`, a function from the object's fields to the first fault.
template <class Header, class Read>
Result<Header> decode(std::string_view text, Read read) {
  if (!is_utf8(text)) return fail(ErrorCode::bad_request, "a header that is not UTF-8");
  const std::string bytes = with_surrogates_as_bytes(text);
  const JsonDocument document(bytes, JsonStrings::bytes);
  const auto fields = document.object();
  if (!fields) return fail(fields.error());
  Header header;
  if (const Fault fault = read(**fields, header)) return fail(ErrorCode::bad_request, fault.text());
  return header;
}

// `to` stays empty where the field is missing.
template <class Value>
Fault read_present(const json::object& from, std::string_view name, std::optional<Value>& to) {
  return from.contains(name) ? read_required(from, name, to.emplace()) : Fault{};
}

}  // namespace

Result<std::string> encode_header(const AnswerHeader& header) {
  Writer writer;
  writer.add("md5", header.md5);
  writer.add("file_name", header.file_name);
  writer.add("total_size", header.total_size);
  return writer.framed();
}

Result<std::string> encode_header(const FileHeader& header) {
  Writer writer;
  writer.add("file_path", header.file_path);
  writer.add("file_name", header.file_name);
  writer.add("file_size", header.file_size);
  return writer.framed();
}

Result<std::string> encode_header(const RequestHeader& header) {
  Writer writer;
  writer.add("cmd", header.command);
  if (header.file_name) writer.add("filename", *header.file_name);
  if (header.file_size) writer.add("filesize", *header.file_size);
  return writer.framed();
}

Result<AnswerHeader> decode_answer_header(std::string_view json) {
  return decode<AnswerHeader>(json, [](const json::object& fields, AnswerHeader& to) {
    Fault fault = read_required(fields, "md5", to.md5);
    if (!fault) fault = read_required(fields, "file_name", to.file_name);
    if (!fault) fault = read_required(fields, "total_size", to.total_size);
    return fault;
  });
}

Result<FileHeader> decode_file_header(std::string_view json) {
  return decode<FileHeader>(json, [](const json::object& fields, FileHeader& to) {
    Fault fault = read_optional(fields, "file_path", to.file_path);
    if (!fault) fault = read_required(fields, "file_name", to.file_name);
    if (!fault) fault = read_required(fields, "file_size", to.file_size);
    return fault;
  });
}

Result<RequestHeader> decode_request_header(std::string_view json) {
  return decode<RequestHeader>(json, [](const json::object& fields, RequestHeader& to) {
    Fault fault = read_required(fields, "cmd", to.command);
    if (!fault) fault = read_present(fields, "filename", to.file_name);
    if (!fault) fault = read_present(fields, "filesize", to.file_size);
    return fault;
  });
}

}  // namespace sampan::wire::tutorial
