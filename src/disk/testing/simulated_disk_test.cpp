// The simulated disk against a real one: the same acts by the same product code must have the same outcomes.
#include "disk/testing/simulated_disk.h"

#include <cerrno>
#include <random>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/testing/temporary_directory.h"
#include "disk/attribute.h"
#include "disk/directory.h"
#include "disk/part_file.h"
#include "disk/read_at.h"
#include "disk/small_file.h"

namespace sampan::disk::testing {
namespace {

std::string word(const Result<>& outcome) {
  return outcome ? "done" : std::string(error_word(outcome.error().code()));
}
template <class T>
std::string word(const Result<T>& outcome) {
  return outcome ? "done" : std::string(error_word(outcome.error().code()));
}

// Everything below a directory, as its own functions tell it.
std::string describe(const Directory& directory, const std::string& path) {
  std::string text;
  std::map<std::string, FileInfo> entries;
  std::int64_t cursor = 0;
  do {
    const auto page = directory.list(path, cursor, 3);
    if (!page) return word(page);
    for (const DirectoryEntry& entry : page->entries) entries[entry.name] = entry.info;
    cursor = page->next;
  } while (cursor != 0);
  for (const auto& [name, info] : entries) {
    const std::string below = path.empty() ? name : path + "/" + name;
    const bool is_directory = info.type == FileType::directory;
    text +=
        below + " " + std::to_string(info.mode) + " " + std::to_string(is_directory ? 0 : info.size) + "\n";
    if (is_directory) text += describe(directory, below);
    if (auto file = directory.open_file(below, O_RDONLY)) {
      std::string bytes(info.size + 1, '\0');
      const auto got = read_at(file->get(), std::as_writable_bytes(std::span(bytes)), 0);
      text += got ? digest_of(as_bytes(std::string_view(bytes).substr(0, *got))).text() + "\n" : word(got);
      if (const auto attribute = read_attribute(file->get(), "user.test"))
        text += attribute->value_or("none") + "\n";
    }
  }
  return text;
}

class SimulatedDiskTest : public ::testing::Test {
 protected:
  SimulatedDiskTest() : mounted_(disk_) {}

  const std::string simulated_path_{SimulatedDisk::root_path};
  sampan::testing::TemporaryDirectory real_;
  SimulatedDisk disk_;
  MountedDisk mounted_;
};

// One act out of many, on a few names so that they meet.
class Actor {
 public:
  explicit Actor(std::uint64_t seed) : chance_(seed) {}

  std::string act(const Directory& directory) {
    switch (pick(12)) {
      case 0:
        return word(directory.make_directory(path()));
      case 1:
        return word(directory.remove_directory(path()));
      case 2:
        return word(directory.remove_file(path()));
      case 3: {
        const std::string from = path();
        return word(directory.rename(from, path(), false));
      }
      case 4: {
        const std::string from = path();
        return word(directory.rename(from, path(), true));
      }
      case 5:
        return word(directory.set_mode(path(), 0600 + pick(8)));
      case 6: {
        const std::string at = path();
        const FileTime time = {static_cast<std::int64_t>(pick(1000)), 5};
        const std::string outcome = word(directory.set_times(at, time));
        const auto info = directory.stat(at);
        return outcome + (info && info->mtime == time ? " set" : " not");
      }
      case 7:
        return word(directory.sync_parent(path()));
      case 8:
        return word(directory.stat(path())) + word(directory.link_stat(path()));
      case 9:
        return put_small(directory);
      case 10:
        return put_part(directory);
      default:
        return scribble(directory);
    }
  }

 private:
  std::uint32_t pick(std::uint32_t count) { return static_cast<std::uint32_t>(chance_() % count); }
  std::string path() {
    static constexpr std::array names = {"a", "b", "c/d", "c", "c/d/e", "", "."};
    return names.at(pick(names.size()));
  }
  std::string bytes() { return std::string(pick(3000), static_cast<char>('a' + pick(20))); }

  std::string put_small(const Directory& directory) {
    auto file = SmallFile::write(directory, "staged", as_bytes(bytes()), 0640, {1'000'000, 1});
    const std::string target = path();
    return word(file) + (file ? word(file->sync()) + word(file->publish(directory, target)) : "");
  }
  std::string put_part(const Directory& directory) {
    const std::string content = bytes();
    auto part = PartFile::create(
        directory, "p",
        {.target = "/t", .size = content.size(), .chunk_size = 1024, .mtime = {}, .mode = 0644, .tag = {}});
    std::string outcome = word(part);
    for (std::uint64_t i = 0; part && i < part->plan().chunk_count(); ++i)
      outcome += word(part->write_chunk(i, as_bytes(std::string_view(content).substr(i * 1024, 1024)), {}));
    part = PartFile::open(directory, "p");
    if (!part) return outcome + word(part);
    outcome += std::to_string(part->chunks_present()) + word(part->digest()) + word(part->seal(true));
    const std::string target = path();
    outcome += word(part->publish(directory, target));
    return outcome + word(part->discard());
  }
  std::string scribble(const Directory& directory) {
    const std::uint32_t flags = pick(2) == 0 ? O_RDWR : O_RDWR | O_CREAT;
    auto file = directory.open_file(path(), static_cast<int>(flags));
    if (!file) return word(file);
    const std::string outcome = word(write_at(file->get(), as_bytes(bytes()), pick(5000)));
    return outcome + word(write_attribute(file->get(), "user.test", std::to_string(pick(10)))) +
           std::to_string(ftruncate(file->get(), pick(4000)));
  }

  std::mt19937_64 chance_;
};

// A directory with one of everything that an act can meet.
Result<Directory> make_ground(const Directory& top, const std::string& run) {
  EXPECT_TRUE(top.make_directory(run));
  auto ground = top.open_directory(run);
  for (const char* name : {"empty", "full", "full/inner"}) EXPECT_TRUE(ground->make_directory(name));
  for (const char* name : {"file", "other", "full/file"}) {
    const auto file = ground->open_file(name, O_RDWR | O_CREAT);
    EXPECT_TRUE(write_at(file->get(), as_bytes(std::string_view(name)), 0));
  }
  return ground;
}

TEST_F(SimulatedDiskTest, RefusesAndAllowsWhatARealOneDoes) {
  static constexpr std::array places = {"file",        "other", "empty", "full", "full/inner", "full/file",
                                        "none",        "",      ".",     "..",   "file/x",     "none/x",
                                        "full/inner/x"};
  using Act = std::string (*)(const Directory&, const std::string&, const std::string&);
  struct Named {
    const char* name;
    bool pairs;  // takes two paths
    Act act;
  };
  static constexpr std::array<Named, 10> acts = {{
      {"rename", true,
       [](const Directory& d, const auto& from, const auto& to) { return word(d.rename(from, to, false)); }},
      {"replace", true,
       [](const Directory& d, const auto& from, const auto& to) { return word(d.rename(from, to, true)); }},
      {"make directory", false,
       [](const Directory& d, const auto& path, const auto&) { return word(d.make_directory(path)); }},
      {"remove directory", false,
       [](const Directory& d, const auto& path, const auto&) { return word(d.remove_directory(path)); }},
      {"remove file", false,
       [](const Directory& d, const auto& path, const auto&) { return word(d.remove_file(path)); }},
      {"stat", false,
       [](const Directory& d, const auto& path, const auto&) {
         return word(d.stat(path)) + word(d.link_stat(path));
       }},
      {"list", false,
       [](const Directory& d, const auto& path, const auto&) { return word(d.list(path, 0, 2)); }},
      {"read", false,
       [](const Directory& d, const auto& path, const auto&) { return word(d.open_file(path, O_RDONLY)); }},
      {"create", false,
       [](const Directory& d, const auto& path, const auto&) {
         return word(d.open_file(path, O_RDWR | O_CREAT));
       }},
      {"create anew", false,
       [](const Directory& d, const auto& path, const auto&) {
         return word(d.open_file(path, O_RDWR | O_CREAT | O_EXCL));
       }},
  }};
  const auto simulated_top = Directory::open_trusted(simulated_path_);
  const auto real_top = Directory::open_trusted(real_.path());
  int count = 0;
  for (const Named& named : acts) {
    for (const std::string from : places) {
      for (const std::string to : places) {
        if (!named.pairs && to != places.front()) continue;
        const auto simulated = make_ground(*simulated_top, std::to_string(++count));
        const auto real = make_ground(*real_top, std::to_string(count));
        const std::string where = std::string(named.name) + " '" + from + "' '" + to + "'";
        ASSERT_EQ(named.act(*simulated, from, to), named.act(*real, from, to)) << where;
        ASSERT_EQ(describe(*simulated, ""), describe(*real, "")) << where;
      }
    }
  }
}

TEST_F(SimulatedDiskTest, BehavesLikeARealOneInAnyOrder) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    for (const std::string& top : {simulated_path_, real_.path()})
      ASSERT_TRUE(Directory::make_trusted(top + "/run" + std::to_string(seed), 0700));
    const auto simulated = Directory::open_trusted(simulated_path_ + "/run" + std::to_string(seed));
    const auto real = Directory::open_trusted(real_.path() + "/run" + std::to_string(seed));
    Actor on_simulated(seed);
    Actor on_real(seed);
    for (int step = 0; step < 60; ++step) {
      const std::string outcome = on_real.act(*real);
      ASSERT_EQ(on_simulated.act(*simulated), outcome) << "seed " << seed << ", step " << step;
      ASSERT_EQ(describe(*simulated, ""), describe(*real, "")) << "seed " << seed << ", step " << step;
    }
  }
  EXPECT_EQ(disk_.open_descriptors(), 0U);
}

TEST_F(SimulatedDiskTest, FailsTheCallThatItIsToldTo) {
  const auto directory = Directory::open_trusted(simulated_path_);
  disk_.arm({.call = 2, .error = EIO});
  EXPECT_EQ(directory->stat("").error().code(), ErrorCode::io_error);
  disk_.arm({.call = 2, .error = EMFILE});
  EXPECT_EQ(directory->stat("").error().code(), ErrorCode::busy);
  EXPECT_TRUE(disk_.struck());
  EXPECT_TRUE(directory->stat(""));
  disk_.arm({.call = 1, .error = EIO, .lasting = true});
  EXPECT_FALSE(directory->stat(""));
  EXPECT_FALSE(directory->stat(""));
  disk_.disarm();
  EXPECT_TRUE(directory->stat(""));
}

TEST_F(SimulatedDiskTest, AShortWriteTakesHalf) {
  const auto directory = Directory::open_trusted(simulated_path_);
  const auto file = directory->open_file("f", O_RDWR | O_CREAT);
  disk_.arm({.call = 1, .short_write = true});
  EXPECT_EQ(pwrite(file->get(), "12345678", 8, 0), 4);
  EXPECT_EQ(disk_.tree("").at("f").bytes, "1234");
}

TEST_F(SimulatedDiskTest, ACutClosesEverything) {
  const auto directory = Directory::open_trusted(simulated_path_);
  ASSERT_TRUE(directory->make_directory("kept"));
  ASSERT_TRUE(directory->sync(""));
  ASSERT_TRUE(directory->make_directory("lost"));
  disk_.cut_power({});
  EXPECT_FALSE(directory->stat(""));
  EXPECT_EQ(disk_.open_descriptors(), 0U);
  EXPECT_TRUE(disk_.tree("").contains("kept"));
  EXPECT_FALSE(disk_.tree("").contains("lost"));
}

}  // namespace
}  // namespace sampan::disk::testing
