// Feeds a fuzz target without libFuzzer, in any build: every file of the folders named, then its beginnings,
// then mutations of it. The same inputs on every run, so a crash comes again under a debugger; the last line
// printed names the seed.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t beginnings_max = 1000;  // of one file; a longer one is cut at as many places, evenly
constexpr std::size_t mutations = 1000;       // of one file
constexpr std::size_t bytes_max = 64 << 20;   // fed for one file

void feed(const std::string& input) {
  // A buffer of exactly this size, so that a sanitizer sees a read beyond it.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

// The standard's engine but not its distributions, which differ between libraries: the same inputs
// everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) {
    return bound == 0 ? 0 : static_cast<std::size_t>(engine_() % bound);
  }

 private:
  std::mt19937_64 engine_;
};

std::string mutated(std::string input, const std::vector<std::string>& others, Dice& dice) {
  static constexpr const char* words[] = {"\"",
                                          "\\",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          ",",
                                          ":",
                                          "null",
                                          "true",
                                          "-1",
                                          "1e99",
                                          "0.5",
                                          "_bytes\"",
                                          "\\u0000",
                                          "\xff",
                                          "\\ud8",
                                          "\"id\":",
                                          "9223372036854775808",
                                          "\"body\":",
                                          "\"op\":\"put\","};
  for (std::size_t steps = 1 + dice.below(4); steps > 0; --steps) {
    const std::size_t at = dice.below(input.size() + 1);
    const std::size_t count = dice.below(std::min<std::size_t>(16, input.size() - at + 1));
    switch (dice.below(6)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << dice.below(8)));
        break;
      case 1:
        if (at < input.size()) input[at] = static_cast<char>(dice.below(256));
        break;
      case 2:
        input.erase(at, count);
        break;
      case 3:
        input.insert(at, input.substr(at, count));
        break;
      case 4:
        input.insert(at, words[dice.below(std::size(words))]);
        break;
      default: {
        const std::string& other = others[dice.below(others.size())];
        input = input.substr(0, at) + other.substr(dice.below(other.size() + 1));
      }
    }
  }
  return input;
}

std::vector<std::filesystem::path> files_of(int count, char** folders) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < count; ++i)
    for (const auto& entry : std::filesystem::directory_iterator(folders[i]))
      if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Every input of one seed, as long as there are bytes left to be spent on it.
std::size_t replay(const std::string& seed, const std::vector<std::string>& all) {
  std::size_t fed = 0;
  std::size_t bytes = 0;
  const auto spend = [&](const std::string& input) {
    if (bytes > bytes_max) return;
    feed(input);
    bytes += input.size();
    ++fed;
  };
  spend(seed);
  const std::size_t step = std::max<std::size_t>(1, seed.size() / beginnings_max);
  for (std::size_t size = 0; size < seed.size(); size += step) spend(seed.substr(0, size));
  Dice dice(seed.size());
  for (std::size_t i = 0; i < mutations; ++i) spend(mutated(seed, all, dice));
  return fed;
}

}  // namespace

int main(int argc, char** argv) {
  const auto files = files_of(argc, argv);
  if (files.empty()) {
    std::fprintf(stderr, "usage: %s FOLDER...   (no seeds found)\n", argv[0]);
    return 2;
  }
  std::vector<std::string> seeds;
  for (const auto& file : files) seeds.push_back(content_of(file));
  std::size_t fed = 0;
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    std::printf("%s\n", files[i].filename().c_str());
    std::fflush(stdout);  // the last line before a crash names its seed
    fed += replay(seeds[i], seeds);
  }
  std::printf("%zu inputs from %zu seeds\n", fed, seeds.size());
  return 0;
}
