// One file up and down, through the whole of client and server, and cut wherever a line can be cut.
#include <random>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "client/download.h"
#include "client/remote_files.h"
#include "client/upload.h"
#include "in_memory/testing/both_sides.h"

namespace sampan::tests {
namespace {

using client::Connection;

constexpr std::size_t chunk = 256 * 1024;
constexpr std::size_t put_most = 1024 * 1024;
constexpr std::uint64_t in_flight_most = 2 * chunk;

class TransfersTest : public BothSides {
 protected:
  Result<wire::native::Receipt> put(Connection& connection, const std::string& name) {
    progress_ = {};
    const auto source = client::open_source(here(name));
    if (!source) return fail(source.error());
    return loop_.run(client::upload_file(connection, *source, name, progress_));
  }
  Result<client::Fetched> get(Connection& connection, const std::string& name) {
    progress_ = {};
    return loop_.run(client::download_file(connection, name, local_, name, progress_));
  }
  std::size_t files_here() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(here(""))) ++count;
    return count;
  }
  // In each direction: the first bytes, where the login is, and then some of the many.
  std::vector<Line> lines(std::uint64_t up, std::uint64_t down) {
    std::vector<Line> lines;
    const auto add = [&](std::uint64_t Line::*direction, std::uint64_t whole) {
      std::uniform_int_distribution<std::uint64_t> anywhere(0, whole);
      for (std::uint64_t at = 0; at < 3000 && at < whole; at += 173) {
        lines.emplace_back().*direction = at;
      }
      for (int i = 0; i < 12; ++i) lines.emplace_back().*direction = anywhere(random_);
    };
    add(&Line::from_first, up);
    add(&Line::from_second, down);
    return lines;
  }
  static std::string text_of(const Line& line) {
    return "cut behind " + std::to_string(std::min(line.from_first, line.from_second)) +
           (line.from_first < line.from_second ? " bytes of the client's" : " bytes of the server's");
  }

  const disk::Directory local_ = disk::Directory::open_trusted(here("")).value();
  RecordedProgress progress_;
  std::mt19937_64 random_{20261125};
};

TEST_F(TransfersTest, EverySizeThereAndBack) {
  RecordProperty("proves", "R10.3");
  const auto connection = connect();
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, chunk, put_most, put_most + 1, 5 * chunk, 5 * chunk + 1}) {
    const std::string sent = bytes(size);
    write("f", sent);
    const auto receipt = put(*connection, "f");
    ASSERT_TRUE(receipt) << size << ": " << receipt.error().message();
    EXPECT_EQ(receipt->digest, digest_of(as_bytes(sent)));
    EXPECT_EQ(stored("f"), sent) << size;
    EXPECT_TRUE(progress_.ended);
    EXPECT_EQ(progress_.done, size);
    EXPECT_EQ(progress_.total, size);

    std::filesystem::remove(here("f"));
    const auto fetched = get(*connection, "f");
    ASSERT_TRUE(fetched) << size << ": " << fetched.error().message();
    EXPECT_EQ(read("f"), sent) << size;
    EXPECT_EQ(progress_.done, size);
    EXPECT_EQ(files_here(), 1U);
    ASSERT_TRUE(loop_.run(client::remove_file(*connection, "f")));
  }
  EXPECT_EQ(house_.home().used(), storage::Usage{});
  leave(*connection);
}

TEST_F(TransfersTest, WhatIsThereAlreadyIsNotSentAgain) {
  const auto connection = connect();
  write("f", bytes(5 * chunk));
  ASSERT_TRUE(put(*connection, "f"));
  ASSERT_TRUE(put(*connection, "f"));
  EXPECT_EQ(progress_.resumed_at, 5 * chunk);
  std::filesystem::permissions(here("f"), std::filesystem::perms::owner_read);
  ASSERT_TRUE(put(*connection, "f"));
  EXPECT_EQ(progress_.resumed_at, 5 * chunk);
  EXPECT_EQ(house_.home().stat(path("f"))->mode, 0400U) << "but its mode is kept";
}

TEST_F(TransfersTest, AnUploadThatIsCutAnywhereLosesNothing) {
  const std::string old_bytes = bytes(1000, 2);
  const std::string sent = bytes(5 * chunk + 1000);
  write("f", sent);
  std::uint64_t resumed = 0;
  for (const Line& line : lines(sent.size() + 5000, 6000)) {
    store("f", old_bytes);
    std::uint64_t acknowledged = 0;
    progress_ = {};
    const auto ended = cut([&] {
      const auto connection = connect(line);
      EXPECT_TRUE(put(*connection, "f"));
      leave(*connection);
    });
    acknowledged = progress_.done;
    const std::string now = stored("f");
    ASSERT_TRUE(now == old_bytes || now == sent) << text_of(line);
    if (!ended) {
      ASSERT_EQ(now, sent) << text_of(line);
    }

    const auto connection = connect();
    const auto receipt = put(*connection, "f");
    ASSERT_TRUE(receipt) << text_of(line) << ": " << receipt.error().message();
    ASSERT_EQ(stored("f"), sent) << text_of(line);
    EXPECT_GE(progress_.resumed_at, acknowledged) << text_of(line) << ": what was acknowledged is sent again";
    resumed += progress_.resumed_at != 0 ? 1 : 0;
    ASSERT_EQ(house_.home().used(), (storage::Usage{sent.size(), 1})) << text_of(line);
    ASSERT_TRUE(house_.home().pending_uploads()->empty()) << text_of(line);
    leave(*connection);
  }
  EXPECT_GT(resumed, 5U);
}

TEST_F(TransfersTest, ADownloadThatIsCutAnywhereLosesNothing) {
  const std::string old_bytes = bytes(1000, 2);
  const std::string kept = bytes(5 * chunk + 1000);
  store("f", kept);
  std::uint64_t resumed = 0;
  for (const Line& line : lines(4000, kept.size() + 8000)) {
    write("f", old_bytes);
    progress_ = {};
    const auto ended = cut([&] {
      const auto connection = connect(line);
      EXPECT_TRUE(get(*connection, "f"));
      leave(*connection);
    });
    const std::uint64_t written = progress_.done;
    const std::string now = read("f");
    ASSERT_TRUE(now == old_bytes || now == kept) << text_of(line);
    if (!ended) {
      ASSERT_EQ(now, kept) << text_of(line);
    }
    const bool complete = now == kept;

    const auto connection = connect();
    const auto fetched = get(*connection, "f");
    ASSERT_TRUE(fetched) << text_of(line) << ": " << fetched.error().message();
    ASSERT_EQ(read("f"), kept) << text_of(line);
    if (!complete) {
      EXPECT_GE(progress_.resumed_at, written) << text_of(line);
    }
    resumed += progress_.resumed_at != 0 ? 1 : 0;
    ASSERT_EQ(files_here(), 1U) << text_of(line) << ": something was left";
    leave(*connection);
  }
  EXPECT_GT(resumed, 5U);
}

TEST_F(TransfersTest, TenCutsInOneFileSendItNearlyOnce) {
  const std::string sent = bytes(12 * chunk + 1);
  write("f", sent);
  std::uint64_t advanced = 0;
  for (int i = 0; i < 10; ++i) {
    Line line;
    line.from_first = chunk + 100'000;
    EXPECT_EQ(cut([&] {
                const auto connection = connect(line);
                (void)put(*connection, "f");
              }),
              ErrorCode::connection_lost);
    EXPECT_GE(progress_.resumed_at, advanced);
    advanced = std::max(advanced, progress_.resumed_at);
  }
  EXPECT_GE(advanced, 8 * chunk) << "each attempt gets further";
  const auto connection = connect();
  ASSERT_TRUE(put(*connection, "f"));
  EXPECT_EQ(stored("f"), sent);
}

TEST_F(TransfersTest, ASourceThatHasChangedIsNeverSpliced) {
  const std::string first = bytes(6 * chunk, 1);
  const std::string second = bytes(6 * chunk, 2);
  const std::string shorter = first.substr(0, 5 * chunk);
  for (const std::string& next : {second, shorter, first.substr(0, 3 * chunk) + second.substr(3 * chunk)}) {
    write("f", first);
    Line line;
    line.from_first = 4 * chunk;
    EXPECT_TRUE(cut([&] {
      const auto connection = connect(line);
      (void)put(*connection, "f");
    }));
    write("f", next);
    const auto connection = connect();
    ASSERT_TRUE(put(*connection, "f"));
    EXPECT_EQ(stored("f"), next);
    EXPECT_EQ(house_.home().used().bytes, next.size());
    ASSERT_TRUE(loop_.run(client::remove_file(*connection, "f")));
  }
}

TEST_F(TransfersTest, AFileThatHasChangedThereIsFetchedAnew) {
  store("f", bytes(6 * chunk, 1));
  Line line;
  line.from_second = 4 * chunk;
  EXPECT_TRUE(cut([&] {
    const auto connection = connect(line);
    (void)get(*connection, "f");
  }));
  EXPECT_GT(progress_.done, 0U);
  EXPECT_EQ(read("f"), "(none)");
  const std::string next = bytes(6 * chunk, 2);
  store("f", next);
  const auto connection = connect();
  ASSERT_TRUE(get(*connection, "f"));
  EXPECT_EQ(progress_.resumed_at, 0U);
  EXPECT_EQ(progress_.begun, 1) << "at once: the old part is not tried";
  EXPECT_EQ(read("f"), next);
  EXPECT_EQ(files_here(), 1U);
}

TEST_F(TransfersTest, APartThatWasDamagedIsMadeGood) {
  const std::string kept = bytes(6 * chunk);
  store("f", kept);
  Line line;
  line.from_second = 4 * chunk;
  EXPECT_TRUE(cut([&] {
    const auto connection = connect(line);
    (void)get(*connection, "f");
  }));
  for (const auto& entry : std::filesystem::directory_iterator(here("")))
    if (entry.path().extension() == ".part") {
      std::fstream part(entry.path(), std::ios::binary | std::ios::in | std::ios::out);
      part.seekp(chunk + 1000);
      part.put(static_cast<char>(kept[chunk + 1000] ^ 1));
    }
  const auto connection = connect();
  ASSERT_TRUE(get(*connection, "f"));
  EXPECT_GT(progress_.resumed_at, 0U);
  EXPECT_EQ(read("f"), kept);
}

TEST_F(TransfersTest, RefusalsAreToldAndChangeNothing) {
  accounts::Account alice = house_.accounts().find("alice").value();
  alice.quota = 3 * chunk;
  house_.accounts().set(alice);
  const auto connection = connect();
  write("large", bytes(5 * chunk));
  write("middle", bytes(3 * chunk + 1));
  write("small", "bytes");
  for (const char* name : {"large", "middle"}) {
    EXPECT_EQ(put(*connection, name).error().code(), ErrorCode::over_quota);
    EXPECT_EQ(progress_.failed, ErrorCode::over_quota);
    EXPECT_EQ(progress_.done, 0U);
  }
  ASSERT_TRUE(loop_.run(client::make_directory(*connection, "d", false)));
  std::filesystem::create_directory(here("e"));
  const auto source = client::open_source(here("small")).value();
  const auto put_to = [&](std::string remote) {
    return loop_.run(client::upload_file(*connection, source, std::move(remote), progress_)).error().code();
  };
  EXPECT_EQ(put_to("d"), ErrorCode::is_a_directory);
  EXPECT_EQ(put_to("no/such"), ErrorCode::not_found);
  EXPECT_EQ(put_to("d/../up"), ErrorCode::invalid);
  EXPECT_EQ(get(*connection, "d").error().code(), ErrorCode::is_a_directory);
  EXPECT_EQ(get(*connection, "none").error().code(), ErrorCode::not_found);
  store("e", "bytes");
  EXPECT_EQ(get(*connection, "e").error().code(), ErrorCode::is_a_directory) << "here";
  EXPECT_EQ(house_.home().used(), (storage::Usage{5, 2}));
}

TEST_F(TransfersTest, ADiskThatFailsThereIsToldAndTriedAgain) {
  const auto connection = connect();
  for (const std::size_t size : {std::size_t{1000}, 5 * chunk}) {
    write("f", bytes(size));
    int failures = 0;
    for (std::size_t steps = 0;; ++steps) {
      house_.store().fail_with(ErrorCode::io_error, steps);
      const auto receipt = put(*connection, "f");
      house_.store().mend();
      if (receipt) break;
      ++failures;
      ASSERT_EQ(receipt.error().code(), ErrorCode::io_error);
      ASSERT_LT(steps, 100U);
    }
    EXPECT_GT(failures, 2) << "at each of its steps";
    EXPECT_EQ(stored("f"), bytes(size));
    EXPECT_EQ(house_.home().used(), (storage::Usage{size, 1}));
    ASSERT_TRUE(loop_.run(client::remove_file(*connection, "f")));
  }
}

TEST_F(TransfersTest, AFilePouredIntoADescriptorIsTheSame) {
  const auto connection = connect();
  for (const std::size_t size : {std::size_t{5}, 5 * chunk + 1}) {
    const std::string kept = bytes(size);
    store("f", kept);
    const UniqueFd output(open(here("poured").c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600));
    progress_ = {};
    const auto fetched = loop_.run(client::download_to(*connection, "f", output.get(), progress_));
    ASSERT_TRUE(fetched) << fetched.error().message();
    EXPECT_EQ(read("poured"), kept);
    EXPECT_EQ(progress_.done, size);
  }
  EXPECT_EQ(loop_.run(client::download_to(*connection, "none", -1, progress_)).error().code(),
            ErrorCode::not_found);
}

}  // namespace
}  // namespace sampan::tests
