#include "wire/tutorial/python_text.h"

#include <gtest/gtest.h>

namespace sampan::wire::tutorial {
namespace {

std::string written(std::string_view bytes) {
  std::string text;
  append_python_string(text, bytes);
  return text;
}

// What CPython 3.11 prints for json.dumps(os.fsdecode(..)).
TEST(PythonString, IsWrittenAsDumpsWritesIt) {
  EXPECT_EQ(written(""), R"("")");
  EXPECT_EQ(written("plain name.txt"), R"("plain name.txt")");
  EXPECT_EQ(written("报告"), R"("\u62a5\u544a")");
  EXPECT_EQ(written("é/~"), R"("\u00e9/~")");
  EXPECT_EQ(written("😀"), R"("\ud83d\ude00")");
  EXPECT_EQ(written("\xF4\x8F\xBF\xBF"), R"("\udbff\udfff")");
  EXPECT_EQ(written("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(written("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(written(std::string_view("\0\x01\x1f\x7f", 4)), R"("\u0000\u0001\u001f\u007f")");
}

TEST(PythonString, BytesThatAreNotUtf8AreLoneSurrogates) {
  EXPECT_EQ(written("a\xFFz"), R"("a\udcffz")");
  EXPECT_EQ(written("\xE6\x8A"), R"("\udce6\udc8a")");                    // a character that was cut
  EXPECT_EQ(written("\xED\xB2\x80"), R"("\udced\udcb2\udc80")");          // a surrogate in UTF-8 is none
  EXPECT_EQ(written("\xC0\xAE\xE6\x8A\xA5"), R"("\udcc0\udcae\u62a5")");  // an overlong dot
}

TEST(Surrogates, BecomeTheBytesThatTheyStandFor) {
  EXPECT_EQ(with_surrogates_as_bytes(R"("a\udcffz")"), "\"a\xFFz\"");
  EXPECT_EQ(with_surrogates_as_bytes(R"("\uDC80\uDCFF")"), "\"\x80\xFF\"");
}

TEST(Surrogates, NothingElseChanges) {
  for (const std::string_view text :
       {R"("\ud83d\ude00")", R"("\ud83d\udc80")", R"("\\udc80")", R"("\\\\udcff")", R"("\udc7f\udd00")",
        R"("\ud83d")", R"("\udc8)", R"(\)", R"("\")", R"("\u")", R"("\uzzzz")", R"("\n\udd80")"})
    EXPECT_EQ(with_surrogates_as_bytes(text), text);
  // The backslash is escaped, and then comes an escape.
  EXPECT_EQ(with_surrogates_as_bytes(R"("\\\udc80")"), "\"\\\\\x80\"");
  // A leading half that has no trailing one does not take the stray byte behind the next character.
  EXPECT_EQ(with_surrogates_as_bytes(R"("\ud83dx\udc80")"), "\"\\ud83dx\x80\"");
}

}  // namespace
}  // namespace sampan::wire::tutorial
