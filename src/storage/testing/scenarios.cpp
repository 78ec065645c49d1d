#include "storage/testing/scenarios.h"

#include <algorithm>
#include <cerrno>
#include <ostream>

namespace sampan::storage::testing {
namespace {

using World = SimulatedHomes;

constexpr std::size_t chunk = World::chunk;

Result<> nothing(World&) {
  return {};
}

// Three chunks, the last one short.
const std::string& big() {
  static const std::string bytes = World::bytes_of(2 * chunk + 17);
  return bytes;
}
const std::string& other_big() {
  static const std::string bytes = World::bytes_of(2 * chunk + 17, 'A');
  return bytes;
}

Result<> then(const Result<>& first, const std::function<Result<>()>& second) {
  return first ? second() : first;
}

// Until the next records make the journal too long.
Result<> fill_journal(World& world, std::size_t records) {
  std::vector<std::uint64_t> indices = {1};
  while (indices.size() < records) indices.push_back(1);
  std::string bytes = big();
  for (std::size_t i = 0; i < records; ++i) {
    bytes[chunk] = static_cast<char>(i);
    if (auto sent = world.send("f", bytes, {1}); !sent) return sent;
  }
  return {};
}

std::vector<Scenario> puts() {
  return {
      {"put a new file", nothing,
       [](World& w) {
         return w.put({{"f", "bytes"}});
       }},
      {"put an empty file", nothing,
       [](World& w) {
         return w.put({{"f", ""}});
       }},
      {"replace a file",
       [](World& w) {
         return w.put({{"f", "old"}});
       },
       [](World& w) {
         return w.put({{"f", "new and longer"}});
       }},
      {"put a group",
       [](World& w) {
         return then(w.make_directory("d", false), [&] { return w.put({{"a", "old"}, {"d/b", "old"}}); });
       },
       [](World& w) {
         return w.put({{"a", "new"}, {"d/b", "newer"}, {"d/c", "c"}, {"e", ""}});
       },
       nothing, "d/canary"},
  };
}

// An upload that somebody still holds.
Result<> hold(World& w) {
  return w.send("f", big(), {}, true);
}

std::vector<Scenario> uploads() {
  return {
      {"upload in order", nothing,
       [](World& w) {
         return w.upload("f", big(), {0, 1, 2});
       }},
      {"upload out of order", nothing,
       [](World& w) {
         return w.upload("f", big(), {2, 1, 0});
       }},
      {"upload nothing", nothing, [](World& w) { return w.upload("f", "", {}); }},
      {"upload over a file",
       [](World& w) {
         return w.upload("f", other_big(), {0, 1, 2});
       },
       [](World& w) {
         return w.upload("f", big(), {0, 2, 1});
       }},
      {"upload into a directory", [](World& w) { return w.make_directory("d", false); },
       [](World& w) {
         return w.upload("d/f", big(), {1, 0, 2});
       },
       nothing, "d/canary"},
      {"resume a prefix",
       [](World& w) {
         return w.send("f", big(), {0, 1});
       },
       [](World& w) {
         return w.upload("f", big(), {0, 1, 2});
       }},
      {"resume scattered chunks",
       [](World& w) {
         return w.send("f", big(), {2, 1});
       },
       [](World& w) {
         return w.upload("f", big(), {0, 1, 2});
       }},
      {"take over a live upload", [](World& w) { return w.send("f", big(), {0}); },
       [](World& w) {
         return w.upload("f", big(), {0, 1, 2});
       },
       hold},
      {"send a changed chunk into a prefix",
       [](World& w) {
         return w.send("f", other_big(), {0, 1, 2});
       },
       [](World& w) {
         return then(w.send("f", big(), {0, 1, 2}), [&] { return w.upload("f", big(), {0, 1, 2}); });
       }},
      {"begin with another size", [](World& w) { return w.send("f", World::bytes_of(chunk), {0}); },
       [](World& w) {
         return w.upload("f", big(), {0, 1, 2});
       }},
      {"send one chunk over and over", [](World& w) { return fill_journal(w, 74); },
       [](World& w) {
         return then(fill_journal(w, 4), [&] {
           return then(w.send("f", big(), {1}), [&] { return w.upload("f", big(), {0, 1, 2}); });
         });
       }},
      {"begin and send a chunk", nothing, [](World& w) { return w.send("f", big(), {1}); }},
  };
}

std::vector<Scenario> ends_of_uploads() {
  return {
      {"commit with a wrong digest",
       [](World& w) {
         return w.put({{"f", "old"}});
       },
       [](World& w) {
         const Result<> outcome = w.upload("f", big(), {0, 1, 2}, digest_of(as_bytes(other_big())));
         const bool refused = !outcome && outcome.error().code() == ErrorCode::wrong_digest;
         return refused ? Result<>() : outcome ? fail(ErrorCode::bad_request, "accepted") : outcome;
       }},
      {"abort an upload",
       [](World& w) {
         return w.send("f", big(), {0, 2});
       },
       [](World& w) { return w.abort("f"); }},
      {"abort a live upload",
       [](World& w) {
         return w.send("f", big(), {0, 2});
       },
       [](World& w) { return w.abort("f"); }, hold},
      {"let uploads expire",
       [](World& w) {
         return then(w.send("f", big(), {0, 2}), [&] { return w.send("g", big(), {}); });
       },
       [](World& w) { return w.expire(); }},
  };
}

std::vector<Scenario> names() {
  const auto file = [](World& w) { return w.put({{"a", "aaaa"}}); };
  const auto tree = [](World& w) {
    return then(w.make_directory("d/e", true), [&] { return w.put({{"d/e/f", "f"}, {"x", "x"}}); });
  };
  return {
      {"rename a file", file, [](World& w) { return w.rename("a", "b", false); }},
      {"rename over a file",
       [](World& w) {
         return w.put({{"a", "aaaa"}, {"b", "b"}});
       },
       [](World& w) { return w.rename("a", "b", true); }},
      {"move a file into a directory", tree, [](World& w) { return w.rename("x", "d/x", false); }, nothing,
       "d/canary"},
      {"rename a directory", tree, [](World& w) { return w.rename("d", "g", false); }, nothing, "g/e/canary"},
      {"remove a file", file, [](World& w) { return w.remove_file("a"); }},
      {"make a directory", nothing, [](World& w) { return w.make_directory("d", false); }, nothing,
       "d/canary"},
      {"make directories", [](World& w) { return w.make_directory("a", false); },
       [](World& w) { return w.make_directory("a/b/c", true); }, nothing, "a/b/c/canary"},
      {"make directories together", nothing,
       [](World& w) {
         return w.make_directories({"d", "d/e", "g", "d/e/f"});
       },
       nothing, "d/e/f/canary"},
      {"remove a directory", [](World& w) { return w.make_directory("d/e", true); },
       [](World& w) { return w.remove_directory("d/e"); }},
      {"set mode and time", file,
       [](World& w) {
         return w.set("a", FileTime{5, 5}, 0600);
       },
       nothing, "canary", 0, false},
  };
}

std::vector<Scenario> readings() {
  return {
      {"count at the start",
       [](World& w) {
         return then(w.make_directory("d", false), [&] {
           return then(w.put({{"d/a", "a"}, {"b", "b"}}), [&] { return w.send("f", big(), {0}); });
         });
       },
       [](World& w) { return w.restart(); }, nothing, "d/canary", EACCES},
      {"compute and keep a digest",
       [](World& w) {
         return then(w.put({{"a", "a"}}), [&] { return w.set("a", FileTime{9, 9}, {}); });
       },
       [](World& w) {
         const auto digest = w.digest("a");
         return digest ? Result<>() : fail(digest.error());
       }},
  };
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Scenario& scenario) {
  return out << scenario.name;
}

std::string scenario_name(const ::testing::TestParamInfo<Scenario>& scenario) {
  std::string name = scenario.param.name;
  std::ranges::replace(name, ' ', '_');
  return name;
}

std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> all;
  for (auto group : {puts(), uploads(), ends_of_uploads(), names(), readings()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

}  // namespace sampan::storage::testing
