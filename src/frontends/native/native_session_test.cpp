// The life of a session, from the greeting to its end: without a socket, a disk or a database.
#include "frontends/native/native_session.h"

#include <array>
#include <functional>

#include <gtest/gtest.h>

#include "frontends/testing/native_fixture.h"

namespace sampan::frontends {
namespace {

namespace native = wire::native;
using std::chrono::milliseconds;
using testing::Answer;
using testing::HouseInMemory;
using testing::NativePeer;

net::Task<> read_to_the_end(net::ByteStream& stream) {
  std::array<std::byte, 100> room;
  for (;;) {
    const std::size_t got = co_await stream.read_some(room);
    if (got == 0) co_return;
  }
}

class NativeSessionTest : public testing::NativeTest {
 protected:
  accounts::Account alice() const { return house_->accounts().find("alice").value(); }
  std::optional<ErrorCode> code_of_login(const std::string& name) {
    NativePeer peer = connect();
    return peer.log_in(name, HouseInMemory::right_password()).code();
  }
};

TEST_F(NativeSessionTest, FromTheGreetingToTheGoodbye) {
  RecordProperty("proves", "R10.3");
  NativePeer peer = connect();
  EXPECT_EQ(peer.server_key(), house_->key_hash());
  EXPECT_EQ(peer.greeting().sampan, 1U);
  EXPECT_EQ(peer.greeting().mechanisms, std::vector<std::string>{"SCRAM-SHA-256-PLUS"});
  const Answer entered = peer.log_in("alice", HouseInMemory::right_password());
  ASSERT_TRUE(entered.ok()) << entered.text;
  EXPECT_EQ(entered.as<native::AuthStep>().user, "alice");
  EXPECT_TRUE(peer.ask(native::Ping()).ok());
  EXPECT_EQ(peer.log_in("alice", HouseInMemory::right_password()).code(), ErrorCode::denied);
  EXPECT_TRUE(peer.ask(native::Quit()).ok());
  EXPECT_EQ(peer.end(), std::nullopt);
}

TEST_F(NativeSessionTest, BeforeTheLoginNothingElseIsAnsweredOrDone) {
  NativePeer peer = connect();
  const std::vector<native::Operation> operations = {native::Ping(),         at<native::Stat>("/"),
                                                     at<native::List>("/"),  at<native::MakeDirectory>("d"),
                                                     native::Quota(),        at<native::Remove>("f"),
                                                     native::Rename(),       at<native::SetAttributes>("f"),
                                                     native::UploadChunk(),  at<native::UploadBegin>("f"),
                                                     native::UploadList(),   at<native::RemoveDirectory>("d"),
                                                     native::UploadCommit(), at<native::UploadAbort>("f"),
                                                     at<native::Get>("f"),   native::DownloadRead(),
                                                     native::DownloadEnd(),  at<native::DigestOf>("f"),
                                                     put_of("f", "bytes")};
  ASSERT_EQ(operations.size() + 2, std::variant_size_v<native::Operation>) << "all but auth and quit";
  for (const native::Operation& operation : operations)
    EXPECT_EQ(peer.ask(operation, "bytes").code(), ErrorCode::login_required) << operation.index();
  EXPECT_EQ(used(), storage::Usage{});
  EXPECT_TRUE(peer.log_in("alice", HouseInMemory::right_password()).ok()) << "and the bodies were skipped";
}

TEST_F(NativeSessionTest, AnUnknownUserFailsLikeAWrongPassword) {
  NativePeer peer = connect();
  const Answer wrong = peer.log_in("alice", HouseInMemory::wrong_password());
  const Answer unknown = peer.log_in("nobody", HouseInMemory::right_password());
  EXPECT_EQ(wrong.code(), ErrorCode::login_failed);
  EXPECT_EQ(unknown.code(), ErrorCode::login_failed);
  EXPECT_EQ(wrong.header.error->message(), unknown.header.error->message());
  EXPECT_EQ(peer.ask(native::Ping()).code(), ErrorCode::login_required);
  EXPECT_TRUE(peer.log_in("alice", HouseInMemory::right_password()).ok());
}

TEST_F(NativeSessionTest, FiveFailuresCloseTheDoorForAWhile) {
  NativePeer peer = connect();
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(peer.log_in("alice", HouseInMemory::wrong_password()).code(), ErrorCode::login_failed);
  EXPECT_EQ(peer.log_in("alice", HouseInMemory::right_password()).code(), ErrorCode::login_paused);
  accounts::Account bob;
  bob.name = "bob";
  house_->add_user(bob);
  EXPECT_EQ(code_of_login("bob"), std::nullopt);
  house_->advance_clock(std::chrono::seconds(31));
  EXPECT_TRUE(peer.log_in("alice", HouseInMemory::right_password()).ok());
}

TEST_F(NativeSessionTest, LoginsThatAreNone) {
  NativePeer peer = connect();
  native::Auth auth;
  auth.sasl = "n,,n=alice,r=x";
  EXPECT_EQ(peer.ask(auth).code(), ErrorCode::invalid) << "without a mechanism";
  auth.mechanism = "PLAIN";
  EXPECT_EQ(peer.ask(auth).code(), ErrorCode::unsupported);
  auth.mechanism = "SCRAM-SHA-256-PLUS";
  EXPECT_EQ(peer.ask(auth).code(), ErrorCode::login_failed) << "without the channel";
  auth.mechanism.reset();
  EXPECT_EQ(peer.ask(auth).code(), ErrorCode::invalid) << "a proof to nothing";
}

TEST_F(NativeSessionTest, WithoutAHomeThereIsNoSession) {
  accounts::Account bob;
  bob.name = "bob";
  house_->add_account(bob);
  EXPECT_EQ(code_of_login("bob"), ErrorCode::denied);
  bob.enabled = false;
  house_->add_user(bob);
  EXPECT_EQ(code_of_login("bob"), ErrorCode::login_failed);
}

TEST_F(NativeSessionTest, AnAccountThatIsNoLongerTheOneEndsItsSession) {
  const accounts::Account before = alice();
  const auto ends_with = [&](ErrorCode code, const std::function<void()>& change) {
    NativePeer peer = log_in();
    EXPECT_TRUE(peer.ask(put_of("f", "bytes"), "bytes").ok());
    change();
    EXPECT_EQ(peer.ask(put_of("f", "other"), "other").code(), code);
    EXPECT_EQ(peer.end(), std::nullopt);
    EXPECT_EQ(stored("f"), "bytes");
    house_->add_account(before);
  };
  ends_with(ErrorCode::denied, [&] { house_->accounts().remove("alice"); });
  ends_with(ErrorCode::denied, [&] {
    accounts::Account disabled = before;
    disabled.enabled = false;
    house_->accounts().set(disabled);
  });
  ends_with(ErrorCode::login_required, [&] {
    accounts::Account renewed = before;
    ++renewed.credential_version;
    house_->accounts().set(renewed);
  });
}

TEST_F(NativeSessionTest, ANewLimitHoldsFromTheNextRequestOn) {
  NativePeer peer = log_in();
  EXPECT_EQ(peer.ask(native::Quota()).as<native::QuotaReply>().limit, std::nullopt);
  accounts::Account limited = alice();
  limited.quota = 4;
  limited.max_files = 1;
  house_->accounts().set(limited);
  EXPECT_EQ(peer.ask(put_of("f", "bytes"), "bytes").code(), ErrorCode::over_quota);
  EXPECT_TRUE(peer.ask(put_of("f", "byte"), "byte").ok());
  const auto quota = peer.ask(native::Quota()).as<native::QuotaReply>();
  EXPECT_EQ(quota.used, 4U);
  EXPECT_EQ(quota.limit, 4U);
  EXPECT_EQ(quota.free, 0U);
  EXPECT_EQ(quota.files, 1U);
  EXPECT_EQ(quota.max_files, 1U);
  limited.quota = 1;
  house_->accounts().set(limited);
  EXPECT_EQ(peer.ask(native::Quota()).as<native::QuotaReply>().free, 0U) << "and not less than nothing";
}

TEST_F(NativeSessionTest, SessionsAreCounted) {
  SessionLimits limits;
  limits.sessions = 2;
  limits.sessions_per_user = 1;
  restart(limits);
  NativePeer first = log_in();
  {
    NativePeer second = connect();
    EXPECT_EQ(second.log_in("alice", HouseInMemory::right_password()).code(), ErrorCode::busy);
    EXPECT_THROW(connect(), net::StreamError);
  }
  first.vanish();
  house_->settle();
  EXPECT_EQ(code_of_login("alice"), std::nullopt) << "both places are free again";
}

TEST_F(NativeSessionTest, WhoSaysNothingIsEnded) {
  SessionLimits limits;
  limits.login_deadline = milliseconds(100);
  restart(limits);
  const auto silent = house_->connect();
  EXPECT_THROW(loop_.run(read_to_the_end(*silent)), net::StreamError);

  limits.login_deadline = milliseconds(60'000);
  limits.idle = milliseconds(100);
  restart(limits);
  NativePeer idle = log_in();
  EXPECT_EQ(idle.end(), ErrorCode::connection_lost);

  limits.idle = milliseconds(60'000);
  limits.transfer_silence = milliseconds(100);
  restart(limits);
  NativePeer stuck = log_in();
  native::UploadBegin begin = at<native::UploadBegin>("f");
  begin.size = 2'000'000;
  EXPECT_TRUE(stuck.ask(begin).ok());
  EXPECT_EQ(stuck.end(), ErrorCode::connection_lost);
  EXPECT_EQ(used().bytes, 2'000'000U) << "what it had begun waits";
}

TEST_F(NativeSessionTest, AServerThatStopsLetsTransfersEnd) {
  NativePeer unknown = connect();
  NativePeer idle = log_in();
  NativePeer busy = log_in();
  native::UploadBegin begin = at<native::UploadBegin>("f");
  begin.size = 5;
  const auto ready = busy.ask(begin).as<native::UploadReady>();
  house_->frontend().drain();
  EXPECT_EQ(unknown.end(), ErrorCode::connection_lost);
  EXPECT_EQ(idle.end(), ErrorCode::connection_lost);
  EXPECT_THROW(connect(), net::StreamError);
  native::UploadChunk chunk;
  chunk.upload = ready.upload;
  EXPECT_TRUE(busy.ask(chunk, "bytes").ok());
  native::UploadCommit commit;
  commit.upload = ready.upload;
  commit.digest = digest_of(as_bytes("bytes"));
  EXPECT_EQ(busy.ask(commit).as<native::Receipt>().size, 5U);
  EXPECT_EQ(busy.end(), std::nullopt);
  EXPECT_EQ(stored("f"), "bytes");
}

TEST_F(NativeSessionTest, AServerThatMustStopStopsThemToo) {
  NativePeer busy = log_in();
  native::UploadBegin begin = at<native::UploadBegin>("f");
  begin.size = 5;
  EXPECT_TRUE(busy.ask(begin).ok());
  house_->frontend().abort();
  EXPECT_EQ(busy.end(), ErrorCode::connection_lost);
  house_->settle();
  EXPECT_EQ(house_->home().pending_uploads()->size(), 1U);
}

}  // namespace
}  // namespace sampan::frontends
