#include "cli/password.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"

namespace sampan::cli {
namespace {

class PasswordFile : public ::testing::Test {
 protected:
  Result<Secret> read(const std::string& text) {
    const std::string file = directory_.path() + "/password";
    std::ofstream(file) << text;
    return read_password_file(file);
  }
  testing::TemporaryDirectory directory_;
};

TEST_F(PasswordFile, IsItsFirstLineWithoutTheNewline) {
  EXPECT_EQ(read("secret\n")->reveal(), "secret");
  EXPECT_EQ(read("secret")->reveal(), "secret");
  EXPECT_EQ(read(" two words \nmore\n")->reveal(), " two words ");
  EXPECT_EQ(read("密码\n")->reveal(), "密码");
  EXPECT_EQ(read(std::string(1024, 'x') + "\n")->reveal().size(), 1024U);
}

TEST_F(PasswordFile, MustHaveOne) {
  EXPECT_EQ(read("").error().code(), ErrorCode::invalid);
  EXPECT_EQ(read("\nsecret\n").error().code(), ErrorCode::invalid);
  EXPECT_EQ(read(std::string(1025, 'x')).error().code(), ErrorCode::invalid);
  EXPECT_EQ(read_password_file(directory_.path() + "/missing").error().code(), ErrorCode::not_found);
}

}  // namespace
}  // namespace sampan::cli
