#include "client/directory_lister.h"

#include <algorithm>
#include <iterator>

namespace sampan::client {

namespace native = wire::native;

namespace {

// Of a directory, so that no server can fill our memory: entries, and pages in a row that have none.
constexpr std::size_t entries_most = 5'000'000;
constexpr std::size_t empty_pages_most = 1000;

[[noreturn]] void broken(const Error& error) {
  throw net::StreamError(error);
}

}  // namespace

net::Task<> DirectoryLister::ask(std::string path) {
  auto listing = std::make_shared<Listing>();
  listing->request.path.bytes = std::move(path);
  listings_.push_back(listing);
  co_await send(std::move(listing));
}

net::Task<> DirectoryLister::send(std::shared_ptr<Listing> listing) {
  const native::Operation operation = listing->request;
  co_await connection_.send(operation);
  pages_.push_back(std::move(listing));
}

net::Task<Result<DirectoryLister::Entries>> DirectoryLister::take() {
  const std::shared_ptr<Listing> first = listings_.front();
  while (!first->complete) co_await receive_page();
  listings_.pop_front();
  if (first->error) co_return fail(*first->error);
  std::ranges::sort(first->entries, {},
                    [](const native::Entry& entry) -> const std::string& { return entry.name.bytes; });
  co_return std::move(first->entries);
}

net::Task<> DirectoryLister::receive_page() {
  std::shared_ptr<Listing> listing = pages_.front();
  pages_.pop_front();
  std::vector<std::byte> body;
  const auto page = co_await connection_.receive<native::Page>(body, native::array_body_max);
  add(*listing, page, body);
  if (!listing->complete) co_await send(std::move(listing));
}

void DirectoryLister::add(Listing& listing, const Result<native::Page>& page, ByteView body) {
  listing.complete = !page || !page->next;
  if (!page) {
    listing.error = page.error();
    return;
  }
  auto more = native::decode_array<native::Entry>(as_text(body));
  if (!more) broken(more.error());
  listing.empty_pages = more->empty() ? listing.empty_pages + 1 : 0;
  if (listing.empty_pages > empty_pages_most || more->size() > entries_most - listing.entries.size())
    broken({ErrorCode::bad_request, "a directory without an end"});
  std::ranges::move(*more, std::back_inserter(listing.entries));
  listing.request.cursor = page->next;
}

}  // namespace sampan::client
