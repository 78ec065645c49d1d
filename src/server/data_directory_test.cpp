#include "server/data_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/temporary_directory.h"

namespace sampan::server {
namespace {

std::uint32_t mode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

TEST(DataDirectory, IsMadeForItsOwnerAlone) {
  const testing::TemporaryDirectory temporary;
  const std::string path = temporary.path() + "/a/sampan";
  const auto data = DataDirectory::open(path);
  ASSERT_TRUE(data) << data.error().message();
  for (const std::string& folder : {data->path(), data->homes(), data->staging(), data->tls_folder()})
    EXPECT_EQ(mode_of(folder), 0700U) << folder;
  EXPECT_TRUE(DataDirectory::open(path));
}

TEST(DataDirectory, PurgeTakesTheHomeAndNothingElse) {
  const testing::TemporaryDirectory temporary;
  const auto data = DataDirectory::open(temporary.path() + "/data");
  ASSERT_TRUE(data);
  for (const char* user : {"/alice", "/alice2"}) {
    ASSERT_EQ(::mkdir((data->homes() + user).c_str(), 0700), 0);
    ASSERT_EQ(::mkdir((data->homes() + user + "/docs").c_str(), 0700), 0);
    ASSERT_EQ(::symlink("/etc", (data->homes() + user + "/docs/link").c_str()), 0);
  }
  EXPECT_EQ(*data->usage_of("alice"), (storage::Usage{0, 2}));
  EXPECT_TRUE(data->purge("alice"));
  EXPECT_EQ(::access((data->homes() + "/alice").c_str(), F_OK), -1);
  EXPECT_EQ(*data->usage_of("alice2"), (storage::Usage{0, 2}));
  EXPECT_EQ(*data->usage_of("nobody"), storage::Usage{});
}

}  // namespace
}  // namespace sampan::server
