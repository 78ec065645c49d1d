#pragma once

#include <string>
#include <string_view>

/// Strings between Python's JSON and bytes. A file name that is not UTF-8 is in Python a string whose stray
/// bytes 80..FF are the lone surrogates U+DC80..U+DCFF (PEP 383), and goes into JSON like that.
namespace sampan::wire::tutorial {

/// `bytes` as json.dumps(os.fsdecode(bytes)) writes them, with the quotes: ASCII only, \uXXXX with lower-case
/// digits, surrogate pairs, a lone surrogate for each byte that is not UTF-8.
void append_python_string(std::string& to, std::string_view bytes);

/// A JSON text in which each lone "\udc80".."\udcff" has become the byte that it stands for, which may leave
/// strings that are not UTF-8. Everything else, also what is no JSON at all, stays as it is.
std::string with_surrogates_as_bytes(std::string_view json);

}  // namespace sampan::wire::tutorial
