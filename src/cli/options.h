#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sampan::cli {

/// One spelling of an option.
struct OptionText {
  std::string name;   ///< "--to", "-r"
  std::string value;  ///< what follows it, as help shows it: "REMOTE_DIR"; empty for a flag
  std::string description;
};

/// The options of one command line: declared, each bound to a variable that outlives this, then read. `names`
/// are spellings apart by commas, "-r,--recursive"; `shown` is what help calls the value, "REMOTE_DIR".
class Options {
 public:
  Options();  ///< with -h and --help
  ~Options();
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  void flag(const std::string& names, bool& target, const std::string& description);
  void text(const std::string& names, std::string& target, const std::string& shown,
            const std::string& description);
  /// One of `words`; help calls it "a|b|c".
  void word(const std::string& names, std::string& target, std::vector<std::string> words,
            const std::string& description);
  /// A whole number, `least` to `most`.
  void number(const std::string& names, std::optional<std::uint32_t>& target, const std::string& shown,
              std::uint32_t least, std::uint32_t most, const std::string& description);
  /// May be given again; one value each time.
  void texts(const std::string& names, std::vector<std::string>& target, const std::string& shown,
             const std::string& description);
  /// Neither without the other. Both are declared.
  void both_or_none(const std::string& one, const std::string& other);
  /// One of the two at most. Both are declared.
  void not_both(const std::string& one, const std::string& other);
  /// What is declared from now on stands under this heading in help.
  void heading(std::string title);

  /// Fills the variables. Gives the words that are no options, as they were typed; or what is wrong, in one
  /// line.
  std::expected<std::vector<std::string>, std::string> parse(std::span<const std::string> words);
  /// -h or --help was among the words.
  bool help_wanted() const;

  /// As help shows them, with their headings.
  std::string help() const;
  /// Every spelling of every option: what completions are made of.
  std::vector<OptionText> spellings() const;

 private:
  struct State;  // CLI11, which costs every file that includes it seconds to compile, is in options.cpp alone
  std::unique_ptr<State> state_;
};

}  // namespace sampan::cli
