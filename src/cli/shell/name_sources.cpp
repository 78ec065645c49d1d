#include "cli/shell/name_sources.h"

#include <filesystem>

#include "client/remote_files.h"

namespace sampan::cli {

std::vector<CompletedName> LocalNames::names(const std::string& directory) {
  std::error_code error;
  std::vector<CompletedName> names;
  std::filesystem::directory_iterator entry(directory.empty() ? "." : directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code unknown;
    names.push_back({entry->path().filename().string(), entry->is_directory(unknown)});
  }
  return names;
}

std::vector<CompletedName> RemoteNames::names(const std::string& directory) {
  const auto path = session_.directory().join(directory.empty() ? "." : directory);
  if (!path || !session_.connected()) return {};
  const auto now = Clock::now();
  if (const auto known = kept_.find(path->text()); known != kept_.end() && now - known->second.time < fresh)
    return known->second.names;
  std::vector<CompletedName> names;
  try {
    const auto entries = session_.call(client::list_directory, path->text());
    if (!entries) return {};
    for (const auto& entry : *entries) names.push_back({entry.name.bytes, entry.type == "directory"});
  } catch (const net::StreamError&) {
    return {};  // the next command says so
  }
  kept_[path->text()] = {now, names};
  return names;
}

}  // namespace sampan::cli
