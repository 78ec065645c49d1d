#include <algorithm>
#include <iterator>

#include "disk/side_by_side.h"
#include "storage/home.h"

namespace sampan::storage {
namespace {

// A refusal that may be over when what was sent before has replaced what it replaces.
bool is_no_room(const Error& error) {
  return error.code() == ErrorCode::over_quota || error.code() == ErrorCode::too_many_files;
}

}  // namespace

std::vector<Result<Receipt>> Home::put(std::span<const WholeFile> files) {
  return publish(stage(files));
}

std::unique_ptr<Home::StagedGroup> Home::stage(std::span<const WholeFile> files) {
  std::map<VirtualPath, Result<>> parents;  // each is looked at once
  const auto check = [&](const VirtualPath& path) -> Result<> {
    if (path.is_root()) return check_target(path);
    auto parent = parents.find(path.parent());
    if (parent == parents.end()) parent = parents.emplace(path.parent(), check_parent(path.parent())).first;
    return parent->second ? check_name(path) : parent->second;
  };
  const auto stage_one = [&](const WholeFile& file) -> Result<StagedGroup::Step> {
    if (digest_of(file.bytes) != file.digest) return fail(ErrorCode::wrong_digest);
    if (auto checked = check(file.plan.path); !checked) return fail(checked.error());
    auto room = Reservation::take(ledger_, {file.bytes.size(), 1});
    if (!room) return fail(room.error());
    auto staged = store_->stage_whole(file.plan, file.bytes);
    if (!staged) return fail(staged.error());
    (*staged)->prepare(file.digest);
    return StagedGroup::Step{std::move(*room), std::move(*staged)};
  };
  auto group = std::make_unique<StagedGroup>();
  group->rest_ = files;
  for (const WholeFile& file : files) {
    auto step = stage_one(file);
    if (!step && is_no_room(step.error())) {
      group->no_room_ = step.error();
      break;
    }
    group->rest_ = group->rest_.subspan(1);
    group->outcomes_.emplace_back(Receipt{file.plan.path, file.plan.size, file.digest, file.plan.mtime});
    if (!step) group->outcomes_.back() = fail(step.error());
    group->steps_.push_back(step ? std::move(*step) : StagedGroup::Step());
  }
  return group;
}

std::vector<Result<Receipt>> Home::publish(std::unique_ptr<StagedGroup> group,
                                           const std::function<void()>& meanwhile) {
  // What has found no room yet comes before the next group also in taking it.
  const bool all_staged = group->rest_.empty();
  const auto make_group_durable = [&] { make_durable(*group); };
  if (meanwhile && all_staged)
    disk::at_once(make_group_durable, meanwhile);
  else
    make_group_durable();
  std::vector<Result<Receipt>> outcomes = std::move(group->outcomes_);
  for (std::span<const WholeFile> rest = group->rest_; !rest.empty();) {
    group = stage(rest);
    if (group->outcomes_.empty()) {  // nothing stands before it any more
      outcomes.emplace_back(fail(*group->no_room_));
      rest = rest.subspan(1);
      continue;
    }
    make_durable(*group);
    std::ranges::move(group->outcomes_, std::back_inserter(outcomes));
    rest = group->rest_;
  }
  if (meanwhile && !all_staged) meanwhile();
  return outcomes;
}

void Home::make_durable(StagedGroup& group) {
  std::vector<Result<Receipt>>& outcomes = group.outcomes_;
  std::vector<StagedGroup::Step>& steps = group.steps_;
  const auto seal = [&](std::size_t i) {
    if (!outcomes[i]) return;
    if (auto sealed = steps[i].staged->seal(outcomes[i]->digest); !sealed) outcomes[i] = fail(sealed.error());
  };
  disk::side_by_side(outcomes.size(), seal);

  ChangedNames published;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i]) continue;
    const VirtualPath path = outcomes[i]->path;
    if (auto named = publish_name(*steps[i].staged, path); !named) {
      outcomes[i] = fail(named.error());
      continue;
    }
    steps[i].room->keep();
    published[path.parent()].push_back(i);
  }
  sync(published, [&](std::size_t i, const Error& why) { outcomes[i] = fail(why); });
}

}  // namespace sampan::storage
