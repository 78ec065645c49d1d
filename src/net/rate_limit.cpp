#include "net/rate_limit.h"

#include <algorithm>

#include <netinet/in.h>

namespace sampan::net {
namespace {

// One machine, or one household: an IPv6 network gives each of its machines 2^64 addresses.
std::string source_key(const SocketAddress& source) {
  if (source.family() == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in*>(source.get())->sin_addr;
    return {reinterpret_cast<const char*>(&address), sizeof(address)};
  }
  if (source.family() == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6*>(source.get())->sin6_addr;
    return {reinterpret_cast<const char*>(&address), 8};
  }
  return "unix";
}

}  // namespace

RateLimit::RateLimit(double per_second, double burst, std::size_t sources_max)
    : per_second_(per_second), burst_(burst), sources_max_(sources_max), shared_{.tokens = burst} {}

double RateLimit::tokens_at(const Bucket& bucket, Clock::time_point now) const {
  const std::chrono::duration<double> passed = now - bucket.filled;
  return std::min(burst_, bucket.tokens + passed.count() * per_second_);
}

RateLimit::Bucket& RateLimit::bucket_of(const SocketAddress& source, Clock::time_point now) {
  const std::string key = source_key(source);
  if (const auto known = buckets_.find(key); known != buckets_.end()) return known->second;
  // A full bucket is as good as none, so it can be forgotten. Looked for once a second at most: a flood of
  // forged sources must not make every datagram a walk through the whole table.
  if (buckets_.size() >= sources_max_ && now - swept_ >= std::chrono::seconds(1)) {
    swept_ = now;
    std::erase_if(buckets_, [&](const auto& item) { return tokens_at(item.second, now) >= burst_; });
  }
  if (buckets_.size() >= sources_max_) return shared_;
  Bucket fresh;
  fresh.tokens = burst_;
  fresh.filled = now;
  return buckets_.emplace(key, fresh).first->second;
}

RateLimit::Verdict RateLimit::ask(const SocketAddress& source, Clock::time_point now) {
  Bucket& bucket = bucket_of(source, now);
  bucket.tokens = tokens_at(bucket, now);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    bucket.refused = false;
    return Verdict::granted;
  }
  const bool first = !bucket.refused;
  bucket.refused = true;
  return first ? Verdict::just_exhausted : Verdict::exhausted;
}

}  // namespace sampan::net
